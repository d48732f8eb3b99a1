/* Internal: bytes compressed and encoded as text for a page. */
#ifndef NCA_PAGE_PACKED_TEXT_H
#define NCA_PAGE_PACKED_TEXT_H

#include <stddef.h>

#include "base/growing_text.h"
#include "nca/status.h"

/* Appends `bytes` as web/page/src/packed_text.js reads them once they are unpacked: a zlib stream
 * (RFC 1950) in digits of base 91, two for 13 bits. NCA_UNSUPPORTED, with the package to install,
 * when there is no zlib. */
nca_status nca__grow_packed(nca__growing_text *out, const char *bytes, size_t count,
                            nca_error *error);

#endif
