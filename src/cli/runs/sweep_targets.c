/* Reads the targets of a sweep once at the start, so that missing ones are reported immediately. */
#include "cli/runs/sweep_targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/data_root.h"

enum {
    MOST_MESSAGES = 20 /* further messages are only counted */
};

typedef struct missing {
    size_t targets, messages;
    char text[MOST_MESSAGES][NCA_ERROR_SIZE];
    int code;
} missing;

static bool needs_target(const nca_sweep_run *run)
{
    return run->status == NCA_SWEEP_WAITING && !run->resumes;
}

/* Whether reading it depends on the setting. All settings of the group, so that new ones are
 * included automatically; of a classification only those that choose the images. */
static bool matters(const nca_setting *setting, nca_task task)
{
    static const char *const of_data[] = {"data",      "root",       "img_size",
                                          "val_share", "test_share", "skip_broken"};
    if (task == NCA_TASK_GROW) {
        return strcmp(setting->group, "target") == 0;
    }
    for (size_t i = 0; i < sizeof of_data / sizeof *of_data; i++) {
        if (strcmp(setting->key, of_data[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_same_target(const nca_settings *a, const nca_settings *b)
{
    for (size_t i = 0; i < nca_setting_count(); i++) {
        const nca_setting *setting = nca_setting_at(i);
        char left[NCA_SETTING_SIZE], right[NCA_SETTING_SIZE];
        if (!matters(setting, a->task)) {
            continue;
        }
        nca_settings_get(left, sizeof left, a, setting);
        nca_settings_get(right, sizeof right, b, setting);
        if (strcmp(left, right) != 0) {
            return false;
        }
    }
    return true;
}

/* Whether an earlier run has the same target. */
static bool was_checked(const nca_sweep_job *job, size_t run)
{
    for (size_t i = 0; i < run; i++) {
        if (needs_target(nca_sweep_run_at(job, i)) &&
            is_same_target(nca_sweep_settings(nca_sweep_of(job), i),
                           nca_sweep_settings(nca_sweep_of(job), run))) {
            return true;
        }
    }
    return false;
}

/* Several images of the same missing file give one message. */
static void tell(missing *m, const nca_error *error)
{
    m->targets++;
    for (size_t i = 0; i < m->messages; i++) {
        if (strcmp(m->text[i], error->message) == 0) {
            return;
        }
    }
    if (m->messages < MOST_MESSAGES) {
        snprintf(m->text[m->messages++], NCA_ERROR_SIZE, "%s", error->message);
        const int code = complain(error);
        m->code = m->code == EXIT_OK ? code : m->code;
    }
}

/* Reads the target, or the data of a classification. */
static nca_status read_once(const nca_settings *settings, const char *root, nca_error *error)
{
    nca_target *target = NULL;
    nca_labelled *data = NULL;
    const nca_status status = settings->task == NCA_TASK_CLASSIFY
                                  ? nca_run_data(&data, settings, root, error)
                                  : nca_run_target(&target, settings, root, error);
    nca_target_destroy(target);
    nca_labelled_close(data);
    return status;
}

int sweep_targets_check(const nca_sweep_job *job)
{
    missing *m = calloc(1, sizeof *m);
    size_t targets = 0;
    const nca_run_path root = data_root(NULL);
    if (m == NULL) {
        note("out of memory for the check of the targets");
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < nca_sweep_count(nca_sweep_of(job)); i++) {
        if (!needs_target(nca_sweep_run_at(job, i)) || was_checked(job, i)) {
            continue;
        }
        nca_error error;
        targets++;
        if (read_once(nca_sweep_settings(nca_sweep_of(job), i), root.text, &error) != NCA_OK) {
            tell(m, &error);
        }
    }
    const int code = m->code;
    if (m->targets > 0) {
        const nca_settings *first = nca_sweep_settings(nca_sweep_of(job), 0);
        note("%zu of %zu %s cannot be read; no run was started", m->targets, targets,
             first->task == NCA_TASK_CLASSIFY ? "data sets" : "targets");
    }
    free(m);
    return code;
}
