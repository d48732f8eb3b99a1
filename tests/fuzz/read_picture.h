/* For the harnesses of picture formats: checks that must hold for any bytes. An accepted picture
 * has pixels, the same ones each time; its samples can be turned, windowed and converted to 8
 * bits. */
#ifndef NCA_TESTS_FUZZ_READ_PICTURE_H
#define NCA_TESTS_FUZZ_READ_PICTURE_H

#include "data/codec.h"
#include "fuzz/harness.h"

enum {
    COMPARED_PIXELS = 1 << 14
};

static void check_samples(nca__picture *picture)
{
    nca__samples *samples = picture->samples;
    char notice[NCA__NOTICE_SIZE];
    nca_image *image = NULL;
    const nca__window window = {NCA__WINDOW_AUTO, 0, 0};
    nca__samples_window(samples, &window, notice, sizeof notice);
    FUZZ_CHECK(samples->low < samples->high);
    for (size_t k = 0; k < samples->width * samples->height * 4; k++) {
        const float low = k % 4 == 3 ? 0 : samples->low;
        const float high = k % 4 == 3 ? samples->opaque : samples->high;
        FUZZ_CHECK(samples->rgba[k] >= low && samples->rgba[k] <= high);
    }
    FUZZ_CHECK(nca__samples_to_image(&image, samples, NCA_COLORMAP_MAGMA, NULL) == NCA_OK);
    float out[4 * 4 * 4];
    FUZZ_CHECK(nca__samples_resize(out, 16, samples, 4, 4, NULL) == NCA_OK);
    for (size_t k = 0; k < 64; k++) {
        FUZZ_CHECK(out[k] >= 0 && out[k] <= 1);
    }
    nca_image_destroy(image);
}

static void check_again(const nca__picture *first, const uint8_t *bytes, size_t size,
                        const nca__slice_choice *choice)
{
    nca__picture again = {0};
    FUZZ_CHECK(nca__picture_decode(&again, bytes, size, FUZZ_NAME, choice, NULL) == NCA_OK);
    FUZZ_CHECK((again.image == NULL) == (first->image == NULL));
    if (first->image != NULL) {
        FUZZ_CHECK(memcmp(again.image->pixels, first->image->pixels,
                          first->image->width * first->image->height * 4) == 0);
    } else {
        FUZZ_CHECK(memcmp(again.samples->rgba, first->samples->rgba,
                          first->samples->width * first->samples->height * 16) == 0);
    }
    nca__picture_clear(&again);
}

static int fuzz_picture(const uint8_t *bytes, size_t size, const nca__slice_choice *choice)
{
    nca_error error = {0};
    nca__picture picture = {0};
    nca_status status = nca__picture_decode(&picture, bytes, size, FUZZ_NAME, choice, &error);
    fuzz_accepted = status == NCA_OK;
    if (!fuzz_accepted) {
        fuzz_check_refusal(status, &error, FUZZ_NAME);
        FUZZ_CHECK(picture.image == NULL && picture.samples == NULL);
        return 0;
    }
    FUZZ_CHECK((picture.image == NULL) != (picture.samples == NULL));
    FUZZ_CHECK(picture.orientation <= 8);
    size_t pixels = picture.image != NULL ? picture.image->width * picture.image->height
                                          : picture.samples->width * picture.samples->height;
    if (pixels <= COMPARED_PIXELS) {
        check_again(&picture, bytes, size, choice);
        FUZZ_CHECK(nca__picture_turn(&picture, NULL) == NCA_OK);
        if (picture.samples != NULL) {
            check_samples(&picture);
        }
    }
    nca__picture_clear(&picture);
    return 0;
}

#endif
