/* SIGINT and SIGTERM: the first asks a run to stop in order, the second ends the program at once.
 */
#ifndef NCA_CLI_STOP_H
#define NCA_CLI_STOP_H

void stop_watch(void);
/* For a child whose parent passes signals on: SIGINT, which a terminal sends to both, is left to
 * the parent, and SIGTERM asks, however often. */
void stop_watch_as_child(void);
/* What the second signal writes on standard output before it ends the program: how a terminal is
 * given back. NULL: nothing. */
void stop_last_words(const char *text);
/* The signal that asked, or 0. */
int stop_signal(void);
/* Back to the usual meaning of both. */
void stop_unwatch(void);

#endif
