/* The two signals that stop a run in order. */
#include "cli/stop.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t asked;

/* Whoever asks twice does not want to wait. */
static void ask(int number)
{
    asked = number;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

static void handle(void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART; /* writes of the files under way go on */
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void stop_watch(void)
{
    handle(ask);
}

int stop_signal(void)
{
    return asked;
}

void stop_unwatch(void)
{
    handle(SIG_DFL);
}
