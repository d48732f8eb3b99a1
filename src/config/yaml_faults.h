/* Internal: YAML errors, with the line that must be corrected. */
#ifndef NCA_CONFIG_YAML_FAULTS_H
#define NCA_CONFIG_YAML_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "nca/status.h"

typedef struct nca__yaml_text {
    const char *bytes;
    size_t size, begin;                  /* begin: behind a byte order mark */
    size_t seen_index, seen_offset;      /* the last mark that was looked up */
    unsigned long quote_line, quote_end; /* of the last text in quotes that has several lines */
} nca__yaml_text;

/* What to do about a backslash in double quotes. */
extern const char *const nca__yaml_escape_advice;

/* Fails with the parser's error: the file's name, the line of the fault, what to do. */
nca_status nca__yaml_fault(nca__yaml_text *from, const yaml_parser_t *parser, const char *name,
                           nca_error *error);
/* To be called for each scalar: an open quote swallows the lines up to the next quote, and the
 * error that follows is in the line where it was opened. */
void nca__yaml_remember_quote(nca__yaml_text *from, const yaml_event_t *event);
/* Whether a text in double quotes has escapes such as \n and \t, which no path means, but
 * "C:\new\table" has them. Who also writes \\, \" or \u knows that a backslash begins an escape. */
bool nca__yaml_looks_like_windows(nca__yaml_text *from, const yaml_event_t *event);

#endif
