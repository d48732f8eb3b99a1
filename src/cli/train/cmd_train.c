/* nca train: its options, and the parts of a training one after the other. The training itself is
 * in nca/run.h. */
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/option_values.h"
#include "cli/page/serve_options.h"
#include "cli/train/train_end.h"
#include "cli/train/train_job.h"

static const option table[] = {
    {"config", 'c', "FILE", "Read settings from a YAML file; options override it."},
    {"target", 't', "IMAGE",
     "Image to grow: a PNG, JPEG, TIFF, WebP or .npy file, a MedMNIST image such as "
     "medmnist:breastmnist/train/3, or phantom, the built-in head phantom. [phantom]"},
    {"output", 'o', "DIR", "Run folder. [runs/ and the name of the target]"},
    {"resume", 0, "DIR",
     "Continue the run in DIR from its checkpoint; the result is bit-identical to that of an "
     "uninterrupted run."},
    {"overwrite", 0, NULL,
     "Replace an existing run in the output folder as soon as the new run has written a "
     "checkpoint."},
    {"retry", 0, "N",
     "If the training diverges or its model fails the stability test, start again with the next "
     "random seed, at most N times. [0]"},
    {"live", 0, "[=PORT]",
     "Show the training in a web page with controls to change it: --live prints the address and "
     "opens a browser, --live=9000 also sets the port."},
    {"no-open", 0, NULL, "Print the address of the page without opening a browser."},
    BIND_OPTIONS,
    {"preview", 0, NULL,
     "Show the first samples of the batch above the progress line, on a terminal with colours."},
    {"profile", 0, NULL,
     "At the end, print where the time of an iteration is spent (docs/performance.md). The result "
     "has the same bits."},
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page train_help = {
    .usage = "nca train [--config FILE] [--target IMAGE] [-o DIR] [SETTINGS]\n"
             "       nca train --task classify --data SOURCE [-o DIR] [SETTINGS]\n"
             "       nca train --resume DIR [SETTINGS]",
    .purpose =
        "Trains an automaton to grow an image from one cell, or with --task classify to classify\n"
        "images. Writes config.yaml, metrics.csv, model.safetensors, checkpoint.safetensors,\n"
        "loss.png and loss.svg to the run folder; also growth.gif, filmstrip.png and\n"
        "comparison.png, or the validations of a classifier. Ctrl-C saves the run and stops it.",
    .table = table,
    .settings = true,
    .examples = "  nca train\n"
                "  nca train --target photo.png -o runs/photo --iterations 4000\n"
                "  nca train --target photo.png --experiment regenerating --seed 7\n"
                "  nca train --task classify --data medmnist:breastmnist -o runs/breast\n"
                "  nca train --init runs/photo --target other.png -o runs/other\n"
                "  nca train --config runs/photo/config.yaml -o runs/again\n"
                "  nca train --resume runs/photo --iterations 8000\n",
};

/* Options that do not go together; those of a page that was not asked for. */
static int complain_options(const train_job *j)
{
    static const char *const of_a_page[] = {"no-open", "bind", "key", "key-file"};
    for (size_t i = 0; i < sizeof of_a_page / sizeof *of_a_page; i++) {
        if (options_has(&j->given, of_a_page[i]) && !options_has(&j->given, "live")) {
            return complain_usage("--%s needs --live; give --live too", of_a_page[i]);
        }
    }
    if (options_has(&j->given, "live") && options_has(&j->given, "retry")) {
        return complain_usage("--retry and --live cannot be used together: the page shows one "
                              "training; remove one of them");
    }
    if (options_has(&j->given, "resume") && options_has(&j->given, "retry")) {
        return complain_usage("--retry and --resume cannot be used together: a retry begins again "
                              "from nothing; remove one of them");
    }
    return EXIT_OK;
}

int command_train(int count, char **arguments)
{
    train_job *j = calloc(1, sizeof *j);
    if (j == NULL) {
        note("out of memory");
        return EXIT_FAILED;
    }
    int code = options_parse(&j->given, "train", table, true, 0, count, arguments);
    if (code == EXIT_OK && j->given.help) {
        help_print(&train_help);
    } else if (code == EXIT_OK) {
        code = complain_options(j);
        if (code == EXIT_OK) {
            code = serve_options_read(&j->serve, &j->given, "live");
        }
        if (code == EXIT_OK && !options_count(&j->retries, &j->given, "retry", 0, 1000)) {
            code = EXIT_USAGE;
        }
        if (code == EXIT_OK) {
            code = options_has(&j->given, "resume") ? train_resume(j) : train_begin(j);
        }
        if (code == EXIT_OK && !j->nothing_to_do) {
            code = train_run(j);
        }
        if (code == EXIT_OK && !j->nothing_to_do && nca_run_is_complete(j->run)) {
            code = train_end(j->run);
        }
        train_show_profile(j);
    }
    if (nca_run_is_replacing(j->run)) {
        note("%s: the existing run was not replaced", nca_run_settings(j->run)->output);
    }
    live_feed_close(&j->live.feed);
    nca_run_close(j->run);
    free(j);
    return code;
}
