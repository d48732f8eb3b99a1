/* Internal: YAML errors, with the line that must be corrected. */
#ifndef NCA_CONFIG_YAML_FAULTS_H
#define NCA_CONFIG_YAML_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "nca/status.h"

typedef struct nca__yaml_text {
    const char *bytes;
    size_t size, begin;                  /* begin: after a byte order mark */
    size_t seen_index, seen_offset;      /* the last mark that was converted */
    unsigned long quote_line, quote_end; /* of the last quoted text that spans several lines */
} nca__yaml_text;

/* Advice for a backslash in double quotes. */
extern const char *const nca__yaml_escape_advice;

/* Fails with the parser's error: the name of the file, the line of the error, and advice. */
nca_status nca__yaml_fault(nca__yaml_text *from, const yaml_parser_t *parser, const char *name,
                           nca_error *error);
/* Must be called for each scalar: an open quote includes the following lines up to the next quote,
 * and the resulting error belongs to the line where it was opened. */
void nca__yaml_remember_quote(nca__yaml_text *from, const yaml_event_t *event);
/* Whether a text in double quotes contains escapes such as \n and \t, as "C:\new\table" does, which
 * are never intended in a path. Texts that also contain \\, \" or \u are not affected: their author
 * knows that a backslash begins an escape. */
bool nca__yaml_looks_like_windows(nca__yaml_text *from, const yaml_event_t *event);

#endif
