/* Files of rows, such as metrics.csv, read a line at a time whatever is in them: no line takes more
 * memory than a row of ours does, and no number is used that nca could not have written. */
#ifndef NCA_CLI_ROW_FILE_H
#define NCA_CLI_ROW_FILE_H

#include <stdio.h>
#include <sys/types.h>

#include "cli/cli.h"

enum {
    ROW_SIZE = 1024 /* bytes of the longest row, its end included */
};

/* The most iterations that a training can have (docs/configuration.md). */
#define ROW_MOST_ITERATIONS UINT64_C(4000000000)

typedef struct row_file {
    FILE *stream; /* NULL: not open */
    ino_t inode;
    char text[ROW_SIZE]; /* the last row, with its newline when there is one */
} row_file;

typedef enum row_kind {
    ROW_WHOLE, /* a line with its newline */
    ROW_CUT,   /* the last line, without a newline: it may still be written to */
    ROW_BAD,   /* longer than a row can be, or with a zero byte in it; skipped */
    ROW_END,   /* no more rows, or a signal of cli/stop.h came inside of a very long line */
    ROW_ERROR  /* the file cannot be read on; errno says why */
} row_kind;

/* As nca_file_open. */
nca_status row_file_open(row_file *file, const char *path, nca_error *error);
void row_file_close(row_file *file); /* a zeroed one is fine */
row_kind row_file_next(row_file *file);

/* ---- Fields ----------------------------------------------------------------------------------*/

/* Each reads a number at *at up to the character `end` and moves *at behind that. False when there
 * is no such number; *at is then anywhere. */
bool row_whole_number(uint64_t *out, const char **at, char end, uint64_t most);
bool row_number(double *out, const char **at, char end); /* "nan" and "inf" too */

/* After ROW_ERROR: "PATH: cannot be read: what errno says". Returns NCA_IO. */
nca_status row_file_fail(nca_error *error, const char *path);

#endif
