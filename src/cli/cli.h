/* Functions that the commands of the program share. Like all files of the program, they use only
 * the public headers of libnca. */
#ifndef NCA_CLI_H
#define NCA_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "nca/nca.h"

/* docs/commands.md documents these. */
enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1,     /* an error while running: a file, memory, a format */
    EXIT_USAGE = 2,      /* the command line or the configuration is invalid */
    EXIT_DIVERGED = 3,   /* a training cannot succeed any more */
    EXIT_SIGNALLED = 128 /* plus the signal: 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP */
};

/* The number of losses that a model's mean loss is computed from. */
unsigned losses_behind(const nca_model_info *info);

/* ---- Messages. External text (paths, names, files) may contain terminal control characters; these
 * become '?'. */

/* Prints "nca: message" to standard error; returns the exit code for the status. */
int complain(const nca_error *error);
/* The same for the program's own messages; returns EXIT_USAGE. */
int complain_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints a notice to standard error. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same as a callback for the library (nca_run_options.notice). */
void note_text(const char *text, void *user);
/* The same without "nca: ", for progress. */
void report_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A line on the terminal that is redrawn in place; removes it; keeps it and continues on the next
 * line. */
void status_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
void status_clear(void);
void status_leave(void);
/* Prints bytes that the program created itself, including escape sequences. */
void status_picture(const char *text, size_t size);

/* External text as an argument of printf: cleaned if standard output is a terminal, otherwise
 * unchanged for the program that reads it. Valid until the eighth call after this one. */
const char *shown(const char *text);
/* Prints a text with several lines in the same way. */
void print_lines(const char *text);

/* The notice for a setting `device` that requests more than the CPU: what is used, and why if it is
 * the CPU. */
void note_device(nca_device device, nca_precision precision);

#endif
