/* Internal: what a page asks for, as a message. */
#ifndef NCA_SERVE_KNOB_H
#define NCA_SERVE_KNOB_H

#include <stdbool.h>
#include <stddef.h>

#include "nca/server.h"

/* Reads {"token":TOKEN,"do":...,"key":...,"value":...}. The token comes first and is compared
 * before anything is parsed; what follows it must be an object that holds no other. False: refused.
 */
bool nca__knob_read(nca_knob *out, const char *token, const char *message, size_t length);

#endif
