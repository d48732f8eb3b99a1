/* zlib compression and base 91. */
#include "page/packed_text.h"

#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/error.h"
#include "base/library.h"

#define ZLIB_FUNCTIONS(F) \
    F(, compress2)        \
    F(, compressBound)

static struct {
    ZLIB_FUNCTIONS(NCA__LIBRARY_POINTER)
} zlib;

static nca__library library = {
    .file = NCA_FILE_ZLIB,
    .package = "zlib1g",
    .purpose = "pages",
    .names = (const char *const[]){ZLIB_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &zlib,
};

enum {
    BASE = 91,
    PAIR_BITS = 13, /* bits of two digits: 91 * 91 > 2^13 */
    LAST_BITS = 6,  /* bits of one digit at the end */
};

/* Printable ASCII except the characters that end a string of a script, begin a tag, or mark a place
 * in the template. */
static const char digits[BASE + 1] =
    " !#$&'()*+,-./0123456789:;=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~";

static void append_digits(nca__growing_text *out, const uint8_t *bytes, size_t count)
{
    uint32_t word = 0;
    int bits = 0;
    for (size_t i = 0; i < count; i++) {
        word |= (uint32_t)bytes[i] << bits;
        bits += 8;
        if (bits >= PAIR_BITS) {
            const uint32_t pair = word & ((1u << PAIR_BITS) - 1);
            nca__grow(out, (char[]){digits[pair / BASE], digits[pair % BASE]}, 2);
            word >>= PAIR_BITS;
            bits -= PAIR_BITS;
        }
    }
    if (bits > LAST_BITS) {
        nca__grow(out, (char[]){digits[word / BASE], digits[word % BASE]}, 2);
    } else if (bits > 0) {
        nca__grow(out, &digits[word], 1);
    }
}

nca_status nca__grow_packed(nca__growing_text *out, const char *bytes, size_t count,
                            nca_error *error)
{
    const nca_status status = nca__library_open(&library, error);
    if (status != NCA_OK) {
        return status;
    }
    uLongf length = zlib.compressBound((uLong)count);
    uint8_t *packed = malloc(length);
    if (packed == NULL || zlib.compress2(packed, &length, (const Bytef *)bytes, (uLong)count,
                                         Z_BEST_COMPRESSION) != Z_OK) {
        free(packed);
        return nca__fail_memory(error, "the data of a page", count);
    }
    append_digits(out, packed, length);
    free(packed);
    return NCA_OK;
}
