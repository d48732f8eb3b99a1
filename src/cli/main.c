/* The entry of the program: finds the command and runs it. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/dispatch.h"
#include "cli/stop.h"
#include "nca/version.h"

static const command commands[] = {
    {"train", command_train, "Train an automaton to grow an image or to classify images.", false},
    {"sweep", command_sweep, "Train all combinations of lists of settings and compare the runs.",
     false},
    {"visualize", command_visualize,
     "Draw the growth of a trained automaton as an animation or a filmstrip.", false},
    {"play", command_play, "Open a web page with the running automaton and edit it with the mouse.",
     false},
    {"export", command_export, "Write that page to a single HTML file that works offline.", false},
    {"watch", command_watch, "Show runs in a web page while they train.", false},
    {"evaluate", command_evaluate,
     "Measure how well a model grows, is stable and regenerates, or how well it classifies.",
     false},
    {"predict", command_predict, "Predict the classes of images with a classifier.", false},
    {"report", command_report, "Write a report about one or more runs as a single HTML file.",
     false},
    {"rollout", command_rollout, "Grow a model and save its states for NumPy.", false},
    {"info", command_info, "Show the contents of a model file or a run folder.", false},
    {"convert", command_convert, "Convert a model from or to PyTorch (.pt).", false},
    {"data", command_data, "List, download, show and export the MedMNIST image sets.", true},
    {"benchmark-medmnist", command_benchmark_medmnist,
     "Train classifiers on all sets of MedMNIST and write the table of their scores.", false},
    {"bench", command_bench, "Benchmark this machine.", false},
    {NULL, NULL, NULL, false},
};

static const command_group program = {
    .name = "nca",
    .purpose =
        "Neural cellular automata: trains an automaton to grow an image from a single cell, runs\n"
        "it and draws it. The same settings and seed give bit-identical results.",
    .commands = commands,
    .version = true,
    .examples = "  nca train --target photo.png -o runs/photo\n"
                "  nca visualize runs/photo -o photo.gif\n"
                "  nca data get breastmnist\n"
                "  nca train --target medmnist:breastmnist/train/4\n",
};

/* The parent may have closed a standard stream. The first opened file would get its number, and
 * messages would go to that file. Therefore the number is assigned to a read-only descriptor, so
 * that lost output is still an error. */
static void hold_standard_streams(void)
{
    int file = open("/dev/null", O_RDONLY);
    while (file >= 0 && file <= STDERR_FILENO) {
        file = open("/dev/null", O_RDONLY);
    }
    if (file > STDERR_FILENO) {
        close(file);
    }
}

/* Whether standard output is a pipe without a reader. */
static bool reader_has_left(void)
{
    struct pollfd end = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&end, 1, 0) == 1 && (end.revents & POLLERR) != 0;
}

/* Output that could not be written is an error, even if this is detected at the end. A reader that
 * has closed the pipe, such as head, has all it needs: there is no message, and the exit code is
 * the one that shells use. */
static int flushed(int code)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (reader_has_left()) {
            return code == EXIT_OK ? EXIT_SIGNALLED + SIGPIPE : code;
        }
        note("standard output: cannot write");
        return code == EXIT_OK ? EXIT_FAILED : code;
    }
    return code;
}

int main(int count, char **arguments)
{
    hold_standard_streams();
    stop_ignore_writes();
    if (count > 1 && strcmp(arguments[1], "--version") == 0) {
        printf("nca %s\n", nca_version());
        return flushed(EXIT_OK);
    }
    return flushed(dispatch(&program, count - 1, arguments + 1));
}
