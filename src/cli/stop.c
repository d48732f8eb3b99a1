/* The two signals that stop a run in order. */
#include "cli/stop.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t asked;
static const char *volatile last_words;

/* Whoever asks twice does not want to wait. */
static void ask(int number)
{
    const char *words = last_words;
    if (asked == 0) {
        asked = number;
        return;
    }
    if (words != NULL && write(STDOUT_FILENO, words, strlen(words)) < 0) {
        words = NULL; /* nothing to be done about it */
    }
    signal(number, SIG_DFL);
    raise(number);
}

void stop_last_words(const char *text)
{
    last_words = text;
}

static void note_only(int number)
{
    asked = number;
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART; /* writes of the files under way go on */
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void stop_watch(void)
{
    handle(SIGINT, ask);
    handle(SIGTERM, ask);
}

void stop_watch_as_child(void)
{
    asked = 0;
    handle(SIGINT, SIG_IGN);
    handle(SIGTERM, note_only);
}

int stop_signal(void)
{
    return asked;
}

void stop_unwatch(void)
{
    handle(SIGINT, SIG_DFL);
    handle(SIGTERM, SIG_DFL);
}
