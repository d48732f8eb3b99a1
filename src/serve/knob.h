/* Internal: the requests of a page as messages. */
#ifndef NCA_SERVE_KNOB_H
#define NCA_SERVE_KNOB_H

#include <stdbool.h>
#include <stddef.h>

#include "nca/server.h"

/* Parses {"token":TOKEN,"do":...,"key":...,"value":...}. The token comes first and is compared
 * before anything is parsed; the rest must be an object without nested values. False if it is
 * refused. */
bool nca__knob_read(nca_knob *out, const char *token, const char *message, size_t length);

#endif
