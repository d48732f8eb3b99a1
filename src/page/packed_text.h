/* Internal: compressed bytes as text for a page. */
#ifndef NCA_PAGE_PACKED_TEXT_H
#define NCA_PAGE_PACKED_TEXT_H

#include <stddef.h>

#include "base/growing_text.h"
#include "nca/status.h"

/* Appends `bytes` in the form that web/page/src/packed_text.js decompresses: a zlib stream (RFC
 * 1950) in base 91, two digits for 13 bits. NCA_UNSUPPORTED, with the package to install, if zlib
 * is not installed. */
nca_status nca__grow_packed(nca__growing_text *out, const char *bytes, size_t count,
                            nca_error *error);

#endif
