/* The program's entry: finds the command and hands over. Nothing else is set up before that. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/dispatch.h"
#include "cli/stop.h"

static const command commands[] = {
    {"train", command_train, "Train an automaton to grow an image.", false},
    {"sweep", command_sweep, "Train the product of lists of settings, and compare the runs.",
     false},
    {"visualize", command_visualize, "Grow a trained automaton into an animation or a filmstrip.",
     false},
    {"play", command_play, "Open a page in which a model lives: erase it, watch it heal.", false},
    {"export", command_export, "Write that page: one file that works anywhere.", false},
    {"watch", command_watch, "Show runs in that page as they train, from their files.", false},
    {"evaluate", command_evaluate, "Measure how well a model grows, stays and heals.", false},
    {"report", command_report, "Write all about a run into one page, for a browser or paper.",
     false},
    {"rollout", command_rollout, "Save the states of a growing model for NumPy.", false},
    {"info", command_info, "Show what a model file or a run folder holds.", false},
    {"convert", command_convert, "Bring a model from PyTorch (.pt), or take one there.", false},
    {"data", command_data, "Browse, get and export the sets of MedMNIST.", true},
    {"bench", command_bench, "Measure how fast this machine computes.", false},
    {NULL, NULL, NULL, false},
};

static const command_group program = {
    .name = "nca",
    .purpose =
        "Neural cellular automata: trains one to grow an image from a single cell, runs it,\n"
        "and draws what it does. The same settings and seed give the same bits.",
    .commands = commands,
    .version = true,
    .examples = "  nca train --target photo.png -o runs/photo\n"
                "  nca visualize runs/photo -o photo.gif\n"
                "  nca data get breastmnist\n"
                "  nca train --target medmnist:breastmnist/train/4\n",
};

/* Whoever starts the program may have closed a standard stream. Its number would go to the first
 * file that is opened, and messages into that file. So it is taken, for a place that can be read
 * from but not written to: results that are lost still count as a failure. */
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

/* Whether standard output is a pipe that nobody reads. */
static bool reader_has_left(void)
{
    struct pollfd end = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&end, 1, 0) == 1 && (end.revents & POLLERR) != 0;
}

/* Results that could not be written are a failure, however late it shows. A reader that has left,
 * as head does, has what it needs: no message, and the code that shells give for it. */
static int flushed(int code)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (reader_has_left()) {
            return code == EXIT_OK ? EXIT_SIGNALLED + SIGPIPE : code;
        }
        note("standard output: cannot be written");
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
