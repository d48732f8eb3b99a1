/* Base64: the vectors of RFC 4648, section 10, and every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/base64.h"

static void the_published_vectors_come_out(void **state)
{
    (void)state;
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char out[16];
        memset(out, '#', sizeof out);
        const size_t count = strlen(vectors[i][0]);
        nca__base64(out, vectors[i][0], count);
        assert_string_equal(out, vectors[i][1]);
        assert_int_equal(nca__base64_length(count), strlen(vectors[i][1]));
        assert_int_equal(out[nca__base64_length(count) + 1], '#');
    }
}

static void every_digit_is_used(void **state)
{
    (void)state;
    uint8_t bytes[48];
    for (unsigned i = 0; i < 64; i++) { /* six bits each: 0, 1, ... 63 */
        for (unsigned bit = 0; bit < 6; bit++) {
            const unsigned at = 6 * i + bit;
            const unsigned mask = 0x80u >> (at % 8);
            bytes[at / 8] = (uint8_t)((i >> (5 - bit) & 1u) != 0 ? bytes[at / 8] | mask
                                                                 : bytes[at / 8] & ~mask);
        }
    }
    char out[65];
    nca__base64(out, bytes, sizeof bytes);
    assert_string_equal(out, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vectors_come_out),
        cmocka_unit_test(every_digit_is_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
