/* Fuzzing the reader of MedMNIST files: an accepted file has a correct description, and an image is
 * the same whether it is read alone, with others, or as a picture. */
#include <stdlib.h>

#include "fuzz/harness.h"
#include "nca/medmnist.h"

enum {
    SPLIT_BYTES = 1 << 16 /* for larger splits only the description is checked */
};

static void check_picture(nca_medmnist *data, nca_split split, size_t index, const uint8_t *image)
{
    const nca_medmnist_info *info = nca_medmnist_about(data);
    nca_image *picture = NULL;
    FUZZ_CHECK(nca_medmnist_picture(&picture, data, split, index, NCA_AXIS_Z, 0, NCA_COLORMAP_GREY,
                                    NULL) == NCA_OK);
    FUZZ_CHECK(picture->width == info->width && picture->height == info->height);
    for (size_t i = 0; i < info->width * info->height; i++) {
        FUZZ_CHECK(picture->pixels[4 * i] == image[i * info->channels]);
        FUZZ_CHECK(picture->pixels[4 * i + 3] == (info->channels == 4 ? image[i * 4 + 3] : 255));
    }
    nca_image_destroy(picture);
}

static bool check_images(nca_medmnist *data, nca_split split, size_t count, size_t bytes)
{
    nca_error error = {0};
    uint8_t *all = malloc(count * bytes), *one = malloc(bytes);
    FUZZ_CHECK(all != NULL && one != NULL);
    nca_status status = nca_medmnist_read(all, data, split, 0, count, &error);
    if (status != NCA_OK) {
        FUZZ_CHECK(status == NCA_FORMAT && error.status == status);
    } else {
        size_t last = count - 1;
        FUZZ_CHECK(nca_medmnist_read(one, data, split, last, 1, NULL) == NCA_OK);
        FUZZ_CHECK(memcmp(one, all + last * bytes, bytes) == 0);
        check_picture(data, split, 0, all);
    }
    free(one);
    free(all);
    return status == NCA_OK;
}

static bool check_labels(nca_medmnist *data, nca_split split, size_t count, size_t labels)
{
    nca_error error = {0};
    int64_t *all = malloc(count * labels * sizeof *all);
    FUZZ_CHECK(all != NULL);
    nca_status status = nca_medmnist_labels(all, data, split, 0, count, &error);
    FUZZ_CHECK(status == NCA_OK || (status == NCA_FORMAT && error.status == status));
    free(all);
    return status == NCA_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    nca_error error = {0};
    nca_medmnist *data = NULL;
    const char *path = fuzz_file(bytes, size);
    nca_status status = nca_medmnist_open(&data, path, &error);
    fuzz_accepted = status == NCA_OK;
    if (!fuzz_accepted) {
        fuzz_check_refusal(status, &error, path);
        FUZZ_CHECK(data == NULL);
        return 0;
    }
    const nca_medmnist_info *info = nca_medmnist_about(data);
    size_t image = nca_medmnist_image_bytes(info);
    FUZZ_CHECK(info->channels == 1 || info->channels == 3 || info->channels == 4);
    FUZZ_CHECK(image == info->depth * info->height * info->width * info->channels && image > 0);
    for (int split = 0; split < NCA_SPLIT_COUNT; split++) {
        size_t count = info->count[split];
        if (count > 0 && count <= SPLIT_BYTES && image * count <= SPLIT_BYTES) {
            FUZZ_CHECK(info->present[split]);
            fuzz_accepted &= check_images(data, (nca_split)split, count, image);
        }
        if (count > 0 && count <= SPLIT_BYTES && info->labelled[split] &&
            info->labels <= SPLIT_BYTES / count) {
            fuzz_accepted &= check_labels(data, (nca_split)split, count, info->labels);
        }
    }
    nca_medmnist_close(data);
    return 0;
}
