/* Hostile bytes: truncated at every length and changed in thousands of ways, a model file gives a
 * model or an error. Under the sanitizers this also proves that no byte outside is read. */
#include "nca/model.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "model/small_model.h"
#include "nca/safetensors.h"

enum {
    MUTATIONS = 20000
};

/* Rewritten in place, because creating a file thousands of times takes longer than reading it. */
static void write_plainly(const char *path, const uint8_t *bytes, size_t size)
{
    int descriptor = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(descriptor >= 0);
    assert_int_equal(pwrite(descriptor, bytes, size, 0), size);
    assert_int_equal(ftruncate(descriptor, (off_t)size), 0);
    close(descriptor);
}

/* Loads the bytes; a resulting model must be consistent. Returns whether there is one. */
static bool try_bytes(const char *path, const uint8_t *bytes, size_t size)
{
    nca_model *model = NULL;
    nca_error error = {0};
    write_plainly(path, bytes, size);
    nca_status status = nca_model_load(&model, path, &error);
    if (status != NCA_OK) {
        assert_null(model);
        assert_int_equal(error.status, status);
        assert_says(error, path);
        assert_true(status == NCA_FORMAT || status == NCA_UNSUPPORTED || status == NCA_LIMIT);
        return false;
    }
    assert_non_null(model);
    assert_null(nca_automaton_problem(&model->automaton));
    for (size_t i = 0; i < nca_parameter_count(&model->automaton); i++) {
        assert_true(isfinite(model->parameters[i]));
    }
    assert_int_equal(model->target != NULL && model->info.height == 0, 0);
    nca_model_destroy(model);
    return true;
}

static raw_file valid_file(const char *path)
{
    nca_model *model = make_model(4, 3, true);
    raw_file raw = {0};
    assert_non_null(model);
    fill_info(model);
    assert_int_equal(nca_model_save(model, path, NULL), NCA_OK);
    nca_model_destroy(model);
    assert_int_equal(nca__file_read(&raw.bytes, &raw.size, path, 1u << 20, NULL), NCA_OK);
    return raw;
}

static void a_file_cut_at_any_length_is_refused(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    raw_file raw = valid_file(path);
    for (size_t size = 0; size < raw.size; size++) {
        assert_false(try_bytes(path, raw.bytes, size));
    }
    assert_true(try_bytes(path, raw.bytes, raw.size));
    free(raw.bytes);
}

static void a_file_with_bytes_after_its_end_is_refused(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    raw_file raw = valid_file(path);
    uint8_t *longer = calloc(1, raw.size + 8);
    assert_non_null(longer);
    memcpy(longer, raw.bytes, raw.size);
    for (size_t more = 1; more <= 8; more++) {
        assert_false(try_bytes(path, longer, raw.size + more));
    }
    free(longer);
    free(raw.bytes);
}

/* ---- Mutations -------------------------------------------------------------------------------*/

typedef struct mutant {
    uint8_t bytes[8192];
    size_t size;
    size_t header; /* bytes of JSON */
} mutant;

static size_t below(uint64_t *random, size_t limit)
{
    return (size_t)(next_random(random) % limit);
}

/* Replaces `gone` bytes at `place` by `size` bytes. */
static void splice_in(mutant *m, size_t place, size_t gone, const void *bytes, size_t size)
{
    char copy[64];
    gone = gone < m->size - place ? gone : m->size - place;
    if (size > sizeof copy || m->size - gone + size > sizeof m->bytes) {
        return;
    }
    memcpy(copy, bytes, size); /* they may be part of the mutant itself */
    memmove(m->bytes + place + size, m->bytes + place + gone, m->size - place - gone);
    memcpy(m->bytes + place, copy, size);
    m->size = m->size - gone + size;
    m->header = m->header - gone + size;
}

/* One change somewhere in the JSON: random bytes are rarely accepted by a parser, so most changes
 * keep it valid JSON. */
static void change_header(mutant *m, uint64_t *random)
{
    static const char *const pieces[] = {"0",
                                         "1",
                                         "-1",
                                         "4",
                                         "12",
                                         "16384",
                                         "9223372036854775807",
                                         "1e3",
                                         "0.5",
                                         "nan",
                                         "\"",
                                         "{",
                                         "}",
                                         "[",
                                         "]",
                                         ",",
                                         ":",
                                         "\\u0000",
                                         "[]",
                                         "{}",
                                         "null",
                                         " ",
                                         "\xFF",
                                         "true",
                                         "U8",
                                         "F16",
                                         "\"update.b1\":",
                                         "18446744073709551616"};
    size_t place = 8 + below(random, m->header);
    const char *piece = pieces[below(random, sizeof pieces / sizeof pieces[0])];
    uint8_t byte = (uint8_t)next_random(random);
    switch (below(random, 7)) {
    case 0:
        m->bytes[place] ^= (uint8_t)(1u << below(random, 8));
        return;
    case 1:
        splice_in(m, place, 1, &byte, 1);
        return;
    case 2:
        splice_in(m, place, below(random, 3), piece, strlen(piece));
        return;
    case 3:
        splice_in(m, place, 1 + below(random, 40), "", 0);
        return;
    case 4: /* a part of the file is copied to another place */
        splice_in(m, place, below(random, 2) * 20, m->bytes + below(random, m->size - 64),
                  1 + below(random, 60));
        return;
    default: /* a digit is changed: sizes and offsets that almost fit */
        while (place < 8 + m->header && (m->bytes[place] < '0' || m->bytes[place] > '9')) {
            place++;
        }
        if (place < 8 + m->header) {
            m->bytes[place] = (uint8_t)('0' + below(random, 10));
        }
    }
}

static void change_elsewhere(mutant *m, uint64_t *random)
{
    if (below(random, 2) == 0) {
        m->bytes[below(random, 8)] = (uint8_t)next_random(random);
    } else {
        size_t data = 8 + m->header < m->size ? 8 + m->header : m->size - 1;
        m->bytes[data + below(random, m->size - data)] = (uint8_t)(next_random(random) | 0x7F);
    }
}

static void thousands_of_changes_never_hurt(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    raw_file raw = valid_file(path);
    uint64_t random = 20240501;
    int loaded = 0;
    int parsed = 0;
    for (int i = 0; i < MUTATIONS; i++) {
        mutant m = {.size = raw.size};
        uint64_t length = 0;
        memcpy(m.bytes, raw.bytes, raw.size);
        memcpy(&length, raw.bytes, 8);
        m.header = (size_t)length;
        for (size_t changes = 1 + below(&random, 3); changes > 0 && m.header > 2; changes--) {
            if (below(&random, 8) == 0) {
                change_elsewhere(&m, &random);
            } else {
                change_header(&m, &random);
                length = m.header; /* so that the change is tested and not the length */
                memcpy(m.bytes, &length, 8);
            }
        }
        loaded += try_bytes(path, m.bytes, m.size);
        nca_safetensors *file = NULL;
        parsed += nca_safetensors_parse(&file, m.bytes, m.size, "x", NULL) == NCA_OK;
        nca_safetensors_close(file);
    }
    free(raw.bytes);
    /* The loop must produce both results at both depths, or it tests too little. */
    assert_in_range(loaded, MUTATIONS / 100, MUTATIONS / 2);
    assert_in_range(parsed - loaded, MUTATIONS / 100, MUTATIONS / 2);
}

static void random_bytes_are_no_model(void **state)
{
    const char *path = path_in(*state, "m.safetensors");
    uint64_t random = 7;
    uint8_t bytes[256];
    for (int i = 0; i < 2000; i++) {
        for (size_t k = 0; k < sizeof bytes; k++) {
            bytes[k] = (uint8_t)next_random(&random);
        }
        if (i % 2 == 0) { /* past the first checks */
            memcpy(bytes, "\x40\0\0\0\0\0\0\0{\"", 10);
        }
        assert_false(try_bytes(path, bytes, below(&random, sizeof bytes + 1)));
    }
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_file_cut_at_any_length_is_refused),
        IN_FOLDER(a_file_with_bytes_after_its_end_is_refused),
        IN_FOLDER(thousands_of_changes_never_hurt),
        IN_FOLDER(random_bytes_are_no_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
