/* The orderly stop of a command: SIGINT, SIGTERM, SIGHUP (the terminal has closed), and a closed
 * pipe (SIGPIPE). A second SIGINT or SIGTERM ends the program at once. */
#ifndef NCA_CLI_STOP_H
#define NCA_CLI_STOP_H

#include <stdbool.h>

/* For the whole program: a write into a closed pipe and one beyond the limit on file sizes are
 * errors (EPIPE, EFBIG) where they happen, and end nothing by themselves. */
void stop_ignore_writes(void);
void stop_watch(void);
/* Requests a stop, as the signal does. */
void stop_ask(int number);
/* What the second signal writes on standard output before it ends the program: how a terminal is
 * given back. NULL: nothing. */
void stop_last_words(const char *text);
/* The signal that requested the stop, or 0. */
int stop_signal(void);
/* Whether no stop was requested; an nca_keep_going for the library. */
bool stop_not_asked(void *user);
/* Restores the default handlers. */
void stop_unwatch(void);

#endif
