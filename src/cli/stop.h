/* Orderly stop of a command: SIGINT, SIGTERM, SIGHUP (the terminal was closed), and a closed pipe
 * (SIGPIPE). A second SIGINT or SIGTERM ends the program immediately. */
#ifndef NCA_CLI_STOP_H
#define NCA_CLI_STOP_H

#include <stdbool.h>

/* For the whole program: writing to a closed pipe, or beyond the limit on file sizes, is an error
 * (EPIPE, EFBIG) and does not end the program. */
void stop_ignore_writes(void);
void stop_watch(void);
/* Requests a stop, like the signal. */
void stop_ask(int number);
/* Text that the second signal writes to standard output before it ends the program, to restore the
 * terminal. NULL: none. */
void stop_last_words(const char *text);
/* The signal that requested the stop, or 0. */
int stop_signal(void);
/* Whether no stop was requested; an nca_keep_going for the library. */
bool stop_not_asked(void *user);
/* Restores the default handlers. */
void stop_unwatch(void);

#endif
