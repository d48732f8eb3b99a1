/* A training in its run folder that is told on the way what changes, as a page tells it, for the
 * script that tests it:
 *
 *     steer_training CONFIG FOLDER [--resume] [--kill N] [N KEY VALUE]...
 *
 * After iteration N, KEY becomes VALUE. With --kill the program kills itself after iteration N,
 * when that iteration's changes have been made: no file is written any more. A change that is
 * refused is printed. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/run_folder.h"
#include "cli/training.h"

typedef struct plan {
    char **changes; /* triples */
    int count;
    uint64_t kill_after; /* 0: not */
} plan;

static bool steer(training *t, const plan *p)
{
    const uint64_t done = nca_session_iteration(t->session);
    for (int i = 0; i + 2 < p->count; i += 3) {
        if (strtoull(p->changes[i], NULL, 10) == done &&
            training_change(t, p->changes[i + 1], p->changes[i + 2]) != NCA_OK) {
            printf("%s\n", t->error.message);
        }
    }
    if (p->kill_after > 0 && p->kill_after == done) {
        raise(SIGKILL);
    }
    return true;
}

static bool watch(training *t, void *user)
{
    return steer(t, user);
}

static nca_status start(training *t, const char *config, const char *folder, bool resume)
{
    nca_settings settings;
    uint64_t done;
    nca_settings_default(&settings);
    nca_status status =
        resume ? nca_checkpoint_settings(&settings, &done, run_file(folder, RUN_CHECKPOINT).text,
                                         &t->error)
               : nca_settings_load(&settings, config, &t->error);
    if (status == NCA_OK && resume) {
        status = training_recall_changes(&settings, folder, done, &t->error);
    }
    if (status == NCA_OK) {
        status = nca_settings_set(&settings, "output", folder, &t->error);
    }
    if (status == NCA_OK) {
        training_open(t, &settings);
        status = training_prepare(t, resume ? TRAINING_RESUME : TRAINING_REPLACE);
    }
    if (status == NCA_OK) {
        status = training_begin(t);
    }
    return status;
}

int main(int count, char **arguments)
{
    static training t;
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
    nca_status status = start(&t, arguments[1], arguments[2], resume);
    if (status == NCA_OK) {
        steer(&t, &p);
        status = training_run(&t, watch, NULL, &p);
    }
    if (status != NCA_OK) {
        fprintf(stderr, "%s\n", t.error.message);
    }
    training_close(&t);
    return status == NCA_OK ? 0 : 1;
}
