/* Trains a run, stops it half way, resumes it and draws its pictures. The model has the same bits
 * as that of a training without the stop. With libnca installed (`make install`):
 *
 *     cc run.c $(pkg-config --cflags --libs nca) -o run
 *     ./run runs/phantom 400 */
#include <stdio.h>
#include <stdlib.h>

#include <nca/nca.h>

static nca_error error;

static void must(nca_status status)
{
    if (status != NCA_OK) {
        fprintf(stderr, "run: %s: %s\n", nca_status_meaning(status), error.message);
        exit(EXIT_FAILURE);
    }
}

/* Called after each iteration; false ends the training. */
static bool until_half(nca_run *run, const nca_iteration *report, void *user)
{
    (void)user;
    return 2 * report->iteration < nca_run_settings(run)->iterations;
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fprintf(stderr, "usage: run FOLDER ITERATIONS\n");
        return 2;
    }
    nca_settings settings;
    nca_settings_default(&settings);
    must(nca_settings_set(&settings, "target_path", "phantom", &error));
    must(nca_settings_set(&settings, "output", arguments[1], &error));
    must(nca_settings_set(&settings, "iterations", arguments[2], &error));
    must(nca_settings_set(&settings, "extension", "0", &error)); /* exactly this many */
    must(nca_settings_check(&settings, &error));

    nca_run *run;
    nca_run_options options;
    nca_run_options_default(&options);
    options.iterated = until_half;
    must(nca_run_open(&run, &settings, &options, &error));
    must(nca_run_train(run, &error)); /* saves a checkpoint at the end */
    nca_run_close(run);

    uint64_t done;
    must(nca_run_resume_settings(&settings, &done, NULL, arguments[1], &error));
    printf("stopped after iteration %llu\n", (unsigned long long)done);
    options.start = NCA_RUN_RESUME;
    options.iterated = NULL;
    must(nca_run_open(&run, &settings, &options, &error));
    must(nca_run_train(run, &error));
    must(nca_run_draw(run, &error));
    printf("finished after iteration %llu, loss %.5f\n",
           (unsigned long long)nca_run_last(run)->iteration, nca_run_last(run)->smooth_loss);
    nca_run_close(run);
    return EXIT_SUCCESS;
}
