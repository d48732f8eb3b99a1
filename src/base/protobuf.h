/* Internal: writing messages in the encoding of Protocol Buffers. A message is a text that grows;
 * after a failed allocation its text is NULL. */
#ifndef NCA_BASE_PROTOBUF_H
#define NCA_BASE_PROTOBUF_H

#include <stdint.h>

#include "base/growing_text.h"

/* An integer that is not negative, or an enum. */
void nca__protobuf_integer(nca__growing_text *out, unsigned field, uint64_t value);
void nca__protobuf_double(nca__growing_text *out, unsigned field, double value);
void nca__protobuf_float(nca__growing_text *out, unsigned field, float value);
void nca__protobuf_bytes(nca__growing_text *out, unsigned field, const void *bytes, size_t count);
void nca__protobuf_text(nca__growing_text *out, unsigned field, const char *text);
/* Appends a message and frees it. */
void nca__protobuf_message(nca__growing_text *out, unsigned field, nca__growing_text *message);

#endif
