/* Fuzzing the PNG decoder: an accepted file gives all its pixels, the same ones each time, and they
 * are unchanged after encoding and decoding. */
#include <stdlib.h>

#include "data/codec.h"
#include "fuzz/harness.h"

enum {
    ENCODED_PIXELS = 1 << 12 /* encoding is slow, and large images give no more information */
};

static void check_same(const nca_image *a, const nca_image *b)
{
    FUZZ_CHECK(a->width == b->width && a->height == b->height);
    FUZZ_CHECK(memcmp(a->pixels, b->pixels, a->width * a->height * 4) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    nca_error error = {0};
    nca_image *image = NULL;
    nca_image *again = NULL;
    nca_status status = nca_image_decode(&image, bytes, size, FUZZ_NAME, &error);
    fuzz_accepted = status == NCA_OK;
    if (!fuzz_accepted) {
        fuzz_check_refusal(status, &error, FUZZ_NAME);
        FUZZ_CHECK(image == NULL);
        return 0;
    }
    if (image->width * image->height <= ENCODED_PIXELS) {
        FUZZ_CHECK(nca_image_decode(&again, bytes, size, FUZZ_NAME, NULL) == NCA_OK);
        check_same(image, again);
        nca_image_destroy(again);
        uint8_t *encoded = NULL;
        size_t encoded_size = 0;
        FUZZ_CHECK(nca__png_encode(&encoded, &encoded_size, image, FUZZ_NAME, NULL) == NCA_OK);
        FUZZ_CHECK(nca_image_decode(&again, encoded, encoded_size, FUZZ_NAME, NULL) == NCA_OK);
        check_same(image, again);
        nca_image_destroy(again);
        free(encoded);
    }
    nca_image_destroy(image);
    return 0;
}
