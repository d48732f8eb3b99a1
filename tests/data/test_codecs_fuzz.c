/* Mutation fuzzing of both decoders with a fixed seed: whatever the bytes, the result is an image
 * or an error, and the sanitizers report nothing. Half of the damaged PNGs get correct checksums,
 * so that the damage reaches the code after the check. A number as the only argument sets the
 * number of rounds. */
#include "data/records.h"

static size_t rounds = 4000;

static void mutate(uint8_t *data, size_t *size, uint32_t *state)
{
    for (uint32_t count = 1 + noise(state) % 8; count > 0 && *size > 0; count--) {
        size_t at = noise(state) % *size;
        switch (noise(state) % 6) {
        case 0:
            data[at] ^= (uint8_t)(1u << noise(state) % 8);
            break;
        case 1:
            data[at] = (uint8_t)noise(state);
            break;
        case 2:
            data[at] = noise(state) % 2 ? 0x00 : 0xff;
            break;
        case 3: { /* a part of the file copied over another */
            size_t from = noise(state) % *size;
            size_t most = *size - (at > from ? at : from);
            memmove(data + at, data + from, noise(state) % (most < 64 ? most + 1 : 64));
            break;
        }
        case 4: { /* a part removed */
            size_t length = noise(state) % 32;
            length = length < *size - at ? length : *size - at;
            memmove(data + at, data + at + length, *size - at - length);
            *size -= length;
            break;
        }
        default:
            if (noise(state) % 4 == 0) {
                *size = at;
            }
        }
    }
}

static void no_bytes_can_hurt(void **unused)
{
    (void)unused;
    bytes file = read_bytes(NCA_FIXTURES "/images.bin");
    image_record records[128];
    size_t count = 0, accepted = 0;
    while (file.at < file.size) {
        assert_true(count < 128);
        records[count++] = take_image(&file);
    }
    uint32_t state = 20240609, checksum = 0;
    for (size_t i = 0; i < rounds; i++) {
        const image_record *record = &records[noise(&state) % count];
        uint8_t *scrap = malloc(record->size);
        size_t size = record->size;
        memcpy(scrap, record->file, size);
        mutate(scrap, &size, &state);
        if (noise(&state) % 2 == 0 && strncmp(record->name, "jpeg", 4) != 0) {
            repair_png(scrap, size);
        }
        /* A buffer of exactly this size, so that a read beyond it is detected. */
        uint8_t *exact = malloc(size > 0 ? size : 1);
        memcpy(exact, scrap, size);
        nca_image *image = NULL;
        nca_error error = {0};
        nca_status status = nca_image_decode(&image, exact, size, "fuzz", &error);
        if (status == NCA_OK) {
            accepted++;
            assert_true(image->width >= 1 && image->height >= 1);
            checksum += image->pixels[image->width * image->height * 4 - 1]; /* the last byte */
        } else {
            assert_null(image);
            assert_int_equal(error.status, status);
            assert_int_equal(strncmp(error.message, "fuzz: ", 6), 0);
            assert_null(strchr(error.message, '\n'));
        }
        nca_image_destroy(image);
        free(exact);
        free(scrap);
    }
    print_message("%zu of %zu accepted, last bytes sum to %u\n", accepted, rounds, checksum);
    /* Both results of the decoders must have occurred. */
    assert_true(accepted > rounds / 100 && accepted < rounds / 2);
    free(file.data);
}

int main(int count, char **arguments)
{
    if (count > 1) {
        rounds = strtoull(arguments[1], NULL, 10);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_bytes_can_hurt),
    };
    return cmocka_run_group_tests_name("codecs_fuzz", tests, NULL, NULL);
}
