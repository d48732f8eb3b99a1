/* A training in its run folder whose settings are changed while it runs, as a page does, for the
 * script that tests it:
 *
 *     steer_training CONFIG FOLDER [--resume] [--kill N] [N KEY VALUE]...
 *
 * After iteration N, KEY is set to VALUE. With --kill the program kills itself after iteration N
 * and that iteration's changes, so no more files are written. A refused change is printed. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nca/run.h"

typedef struct plan {
    char **changes; /* triples */
    int count;
    uint64_t kill_after; /* 0: never */
} plan;

static bool steer(nca_run *run, const plan *p)
{
    const uint64_t done = nca_session_iteration(nca_run_session(run));
    nca_error error;
    for (int i = 0; i + 2 < p->count; i += 3) {
        if (strtoull(p->changes[i], NULL, 10) == done &&
            nca_run_change(run, p->changes[i + 1], p->changes[i + 2], &error) != NCA_OK) {
            printf("%s\n", error.message);
        }
    }
    if (p->kill_after > 0 && p->kill_after == done) {
        raise(SIGKILL);
    }
    return true;
}

static bool watch(nca_run *run, const nca_iteration *last, void *user)
{
    (void)last;
    return steer(run, user);
}

static nca_status start(nca_run **out, plan *p, const char *config, const char *folder, bool resume,
                        nca_error *error)
{
    nca_settings settings;
    nca_run_options options;
    uint64_t done;
    nca_settings_default(&settings);
    nca_run_options_default(&options);
    options.start = resume ? NCA_RUN_RESUME : NCA_RUN_REPLACE;
    options.iterated = watch;
    options.user = p;
    nca_status status = resume ? nca_run_resume_settings(&settings, &done, NULL, folder, error)
                               : nca_settings_load(&settings, config, error);
    if (status == NCA_OK) {
        status = nca_settings_set(&settings, "output", folder, error);
    }
    if (status == NCA_OK) {
        status = nca_run_open(out, &settings, &options, error);
    }
    return status == NCA_OK ? nca_run_begin(*out, error) : status;
}

int main(int count, char **arguments)
{
    nca_run *run = NULL;
    nca_error error;
    plan p = {0};
    bool resume = false;
    if (count < 3) {
        return 2;
    }
    int at = 3;
    for (; at < count && strncmp(arguments[at], "--", 2) == 0; at++) {
        if (strcmp(arguments[at], "--resume") == 0) {
            resume = true;
        } else if (at + 1 < count) {
            p.kill_after = strtoull(arguments[++at], NULL, 10);
        }
    }
    p.changes = arguments + at;
    p.count = count - at;
    nca_status status = start(&run, &p, arguments[1], arguments[2], resume, &error);
    if (status == NCA_OK) {
        steer(run, &p);
        status = nca_run_train(run, &error);
    }
    if (status != NCA_OK) {
        fprintf(stderr, "%s\n", error.message);
    }
    nca_run_close(run);
    return status == NCA_OK ? 0 : 1;
}
