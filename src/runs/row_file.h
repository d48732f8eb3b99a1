/* Internal: files of rows, such as metrics.csv, read line by line. Any contents are handled: no
 * line takes more memory than a valid row, and numbers that nca could not have written are
 * rejected. */
#ifndef NCA_RUNS_ROW_FILE_H
#define NCA_RUNS_ROW_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "nca/status.h"

enum {
    NCA__ROW_SIZE = 1024 /* bytes of the longest row, including its end */
};

/* The maximum number of iterations of a training (docs/configuration.md). */
#define NCA__ROW_MOST_ITERATIONS UINT64_C(4000000000)

typedef struct nca__row_file {
    FILE *stream; /* NULL: not open */
    ino_t inode;
    char text[NCA__ROW_SIZE];   /* the last row, with its newline if there is one */
    nca_keep_going *keep_going; /* called within very long lines; NULL after opening */
    void *user;
} nca__row_file;

typedef enum nca__row_kind {
    NCA__ROW_WHOLE, /* a line with its newline */
    NCA__ROW_CUT,   /* the last line, without a newline: it may still be written */
    NCA__ROW_BAD,   /* too long for a row, or contains a zero byte; skipped */
    NCA__ROW_END,   /* no more rows, or keep_going has returned false */
    NCA__ROW_ERROR  /* read error, with errno */
} nca__row_kind;

/* Like nca_file_open. */
nca_status nca__row_file_open(nca__row_file *file, const char *path, nca_error *error);
void nca__row_file_close(nca__row_file *file); /* a zeroed struct is allowed */
nca__row_kind nca__row_file_next(nca__row_file *file);

/* ---- Fields ----------------------------------------------------------------------------------*/

/* Each reads a number at *at up to the character `end` and moves *at after it. False if there is no
 * such number; *at is then unspecified. */
bool nca__row_whole_number(uint64_t *out, const char **at, char end, uint64_t most);
bool nca__row_number(double *out, const char **at, char end); /* also "nan" and "inf" */

/* After NCA__ROW_ERROR: "PATH: cannot be read: message of errno". Returns NCA_IO. */
nca_status nca__row_file_fail(nca_error *error, const char *path);

#endif
