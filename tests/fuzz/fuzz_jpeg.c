/* Fuzzing the JPEG decoder: an accepted file gives opaque pixels, the same ones each time. */
#include "fuzz/harness.h"
#include "nca/image.h"

enum {
    COMPARED_PIXELS = 1 << 14
};

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
    size_t pixels = image->width * image->height;
    for (size_t i = 0; i < pixels; i++) {
        FUZZ_CHECK(image->pixels[i * 4 + 3] == 255);
    }
    if (pixels <= COMPARED_PIXELS) {
        /* An uninitialised pixel would probably have another value the second time. */
        FUZZ_CHECK(nca_image_decode(&again, bytes, size, FUZZ_NAME, NULL) == NCA_OK);
        FUZZ_CHECK(again->width == image->width && again->height == image->height);
        FUZZ_CHECK(memcmp(again->pixels, image->pixels, pixels * 4) == 0);
        nca_image_destroy(again);
    }
    nca_image_destroy(image);
    return 0;
}
