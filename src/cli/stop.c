/* The signals that stop a command in an orderly way. */
#include "cli/stop.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "nca/machine.h"

static volatile sig_atomic_t asked;
static const char *volatile last_words;

/* A second signal ends the program immediately. However, a closing terminal causes several signals:
 * from the kernel, the shell and the session manager. */
static void ask(int number)
{
    const char *words = last_words;
    if (asked == 0 || asked == SIGHUP || asked == SIGPIPE || number == SIGHUP) {
        asked = asked == 0 ? number : asked == SIGHUP || asked == SIGPIPE ? number : asked;
        return;
    }
    if (words != NULL && write(STDOUT_FILENO, words, strlen(words)) < 0) {
        words = NULL; /* there is nothing more to do */
    }
    signal(number, SIG_DFL);
    raise(number);
}

void stop_last_words(const char *text)
{
    last_words = text;
}

/* nohup ignores SIGHUP for the program it starts. */
static void handle_hangup(void (*handler)(int))
{
    struct sigaction before;
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
        nca_handle_signal(SIGHUP, handler);
    }
}

void stop_ignore_writes(void)
{
    nca_handle_signal(SIGPIPE, SIG_IGN);
    nca_handle_signal(SIGXFSZ, SIG_IGN);
}

void stop_watch(void)
{
    nca_handle_signal(SIGINT, ask);
    nca_handle_signal(SIGTERM, ask);
    handle_hangup(ask);
}

void stop_ask(int number)
{
    if (asked == 0) {
        asked = number;
    }
}

int stop_signal(void)
{
    return asked;
}

bool stop_not_asked(void *user)
{
    (void)user;
    return asked == 0;
}

void stop_unwatch(void)
{
    nca_handle_signal(SIGINT, SIG_DFL);
    nca_handle_signal(SIGTERM, SIG_DFL);
    handle_hangup(SIG_DFL);
}
