/* The program's entry: finds the command and hands over. Nothing is set up before that. */
#include <stdio.h>
#include <string.h>

#include "cli/help.h"

static const command commands[] = {
    {"train", command_train, "Train an automaton to grow an image."},
    {"sweep", command_sweep, "Train the product of lists of settings, and compare the runs."},
    {"visualize", command_visualize, "Grow a trained automaton into an animation or a filmstrip."},
    {"evaluate", command_evaluate, "Measure how well a model grows, stays and heals."},
    {"rollout", command_rollout, "Save the states of a growing model for NumPy."},
    {"info", command_info, "Show what a model file or a run folder holds."},
    {"convert", command_convert, "Bring a model from PyTorch (.pt), or take one there."},
    {"bench", command_bench, "Measure how fast this machine computes."},
    {NULL, NULL, NULL},
};

static int complain_command(const char *name)
{
    const char *names[32];
    size_t count = 0;
    for (const command *row = commands; row->name != NULL; row++) {
        names[count++] = row->name;
    }
    const char *nearest = nca_nearest_name(name, names, count);
    if (nearest != NULL) {
        return complain_usage("unknown command \"%s\"; did you mean \"%s\"?", name, nearest);
    }
    return complain_usage("unknown command \"%s\"; see `nca --help`", name);
}

/* Results that could not be written are a failure, however late it shows. */
static int flushed(int code)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        note("standard output: cannot be written");
        return code == EXIT_OK ? EXIT_FAILED : code;
    }
    return code;
}

int main(int count, char **arguments)
{
    const char *name = count > 1 ? arguments[1] : NULL;
    if (name == NULL) {
        return complain_usage("expected a command; see `nca --help`");
    }
    if (strcmp(name, "--version") == 0) {
        printf("nca %s\n", nca_version());
        return flushed(EXIT_OK);
    }
    bool help = strcmp(name, "help") == 0;
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || (help && count == 2)) {
        help_print_program(commands);
        return flushed(EXIT_OK);
    }
    if (help) {
        name = arguments[2];
    }
    for (const command *row = commands; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            char help_flag[] = "--help", *only_help[] = {help_flag};
            return flushed(help ? row->run(1, only_help) : row->run(count - 2, arguments + 2));
        }
    }
    if (*name == '-') {
        return complain_usage("unknown option %s; see `nca --help`", name);
    }
    return complain_command(name);
}
