/* Event files of TensorBoard, read by a reader of their own: they have what metrics.csv and
 * validation.csv have, also of a run that was stopped and resumed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/crc32c.h"
#include "runs/classify_run.h"
#include "runs/metrics.h"
#include "runs/row_file.h"

static void the_checksum_is_that_of_the_standard(void **state)
{
    (void)state;
    uint8_t bytes[32]; /* RFC 3720, appendix B.4 */
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(nca__crc32c(bytes, 32), 0x8a9136aa);
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(nca__crc32c(bytes, 32), 0x62a8ab43);
    for (int i = 0; i < 32; i++) {
        bytes[i] = (uint8_t)i;
    }
    assert_int_equal(nca__crc32c(bytes, 32), 0x46dd794e);
    assert_int_equal(nca__crc32c("123456789", 9), 0xe3069283);
}

/* ---- A reader --------------------------------------------------------------------------------*/

typedef struct bytes {
    const uint8_t *at, *end;
} bytes;

static uint64_t little(const uint8_t *at, size_t count)
{
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;) {
        value = value << 8 | at[i];
    }
    return value;
}

static uint64_t varint(bytes *b)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        assert_true(b->at < b->end && shift < 64);
        value |= (uint64_t)(*b->at & 0x7f) << shift;
        if ((*b->at++ & 0x80) == 0) {
            return value;
        }
    }
}

/* A field: its number, and its value as an integer or as bytes. */
static unsigned field(uint64_t *number, bytes *inner, bytes *b)
{
    const uint64_t key = varint(b);
    const size_t fixed = key % 8 == 1 ? 8 : key % 8 == 5 ? 4 : 0;
    if (key % 8 == 0) {
        *number = varint(b);
    } else if (fixed > 0) {
        *number = little(b->at, fixed);
        b->at += fixed;
    } else {
        assert_int_equal(key % 8, 2);
        const uint64_t length = varint(b);
        *inner = (bytes){b->at, b->at + length};
        b->at += length;
    }
    assert_true(b->at <= b->end);
    return (unsigned)(key / 8);
}

typedef struct event {
    double wall_time;
    uint64_t step;
    size_t count;
    struct {
        char tag[64];
        float value;
    } values[24];
    char version[32];
} event;

static void copy(char *out, size_t size, bytes b)
{
    assert_true((size_t)(b.end - b.at) < size);
    memcpy(out, b.at, (size_t)(b.end - b.at));
    out[b.end - b.at] = 0;
}

static void read_value(event *e, bytes b)
{
    uint64_t number = 0;
    bytes inner = {0};
    assert_true(e->count < 24);
    while (b.at < b.end) {
        const unsigned which = field(&number, &inner, &b);
        if (which == 1) {
            copy(e->values[e->count].tag, sizeof e->values[0].tag, inner);
        } else {
            assert_int_equal(which, 2);
            const uint32_t bits = (uint32_t)number;
            memcpy(&e->values[e->count].value, &bits, sizeof bits);
        }
    }
    e->count++;
}

static event read_event(bytes b)
{
    event e = {.count = 0};
    uint64_t number = 0;
    bytes inner = {0};
    while (b.at < b.end) {
        switch (field(&number, &inner, &b)) {
        case 1:
            memcpy(&e.wall_time, &number, sizeof number);
            break;
        case 2:
            e.step = number;
            break;
        case 3:
            copy(e.version, sizeof e.version, inner);
            break;
        default:
            while (inner.at < inner.end) {
                bytes value = {0};
                assert_int_equal(field(&number, &value, &inner), 1);
                read_value(&e, value);
            }
        }
    }
    return e;
}

static uint32_t masked(const uint8_t *at, size_t count)
{
    const uint32_t crc = nca__crc32c(at, count);
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

/* All events of a file; the first has its version. free() the result. */
static event *read_events(size_t *out_count, const char *folder)
{
    uint8_t *file;
    size_t size, count = 0;
    nca_run_path path;
    nca_run_file(&path, folder, NCA_RUN_TENSORBOARD);
    assert_ok(nca__file_read(&file, &size, path.text, 1 << 20, &failure));
    event *events = calloc(size / 16 + 1, sizeof *events);
    assert_non_null(events);
    for (size_t at = 0; at < size; count++) {
        assert_true(size - at >= 16);
        const uint64_t length = little(file + at, 8);
        assert_true(length <= size - at - 16);
        assert_int_equal(little(file + at + 8, 4), masked(file + at, 8));
        const uint8_t *begin = file + at + 12;
        assert_int_equal(little(begin + length, 4), masked(begin, length));
        events[count] = read_event((bytes){begin, begin + length});
        at += 16 + length;
    }
    free(file);
    assert_true(count > 0);
    assert_string_equal(events[0].version, "brain.Event:2");
    *out_count = count;
    return events;
}

static float value_of(const event *e, const char *tag)
{
    for (size_t i = 0; i < e->count; i++) {
        if (strcmp(e->values[i].tag, tag) == 0) {
            return e->values[i].value;
        }
    }
    fail_msg("step %llu has no %s", (unsigned long long)e->step, tag);
    return 0;
}

/* ---- The contents ----------------------------------------------------------------------------*/

typedef struct expected {
    const event *events;
    size_t count, at, rows;
    nca__norm_names names;
} expected;

/* Numbers of the CSV file have nine digits. */
static void assert_value(const event *e, const char *tag, double wanted)
{
    const double found = (double)value_of(e, tag);
    if (!(fabs(found - wanted) <= 1e-6 * fabs(wanted))) {
        fail_msg("%s: expected %.9g, found %.9g", tag, wanted, found);
    }
}

/* An event for each row, followed by the validation of its iteration. */
static void compare_row(const nca_metrics_row *row, expected *x)
{
    assert_true(x->at < x->count);
    const event *e = &x->events[x->at++];
    assert_int_equal(e->step, row->iteration);
    assert_value(e, "loss", (double)row->loss);
    assert_value(e, "steps", (double)row->steps);
    assert_value(e, "learning rate", (double)row->learning_rate);
    assert_value(e, "living cells", (double)row->alive_cells);
    for (size_t i = 0; i < row->norm_count; i++) {
        char tag[64];
        snprintf(tag, sizeof tag, "gradient norm/%s", x->names[i]);
        assert_value(e, tag, (double)row->norm[i]);
    }
    assert_int_equal(e->count, 4 + row->norm_count);
    assert_true(e->wall_time >= x->events[x->at - 2].wall_time);
    x->rows++;
}

static void compare(const char *folder, bool validates)
{
    size_t validations, norms, scored = 0;
    nca_validation_row *scores;
    assert_ok(nca_validations_read(&scores, &validations, folder, &failure));
    assert_true((validations > 0) == validates);
    expected x = {.at = 1};
    event *events = read_events(&x.count, folder);
    x.events = events;
    nca__row_file file;
    nca_run_path path;
    assert_ok(nca__row_file_open(&file, nca_run_file(&path, folder, NCA_RUN_METRICS), &failure));
    assert_int_equal(nca__row_file_next(&file), NCA__ROW_WHOLE);
    assert_true(nca__metrics_read_header(&norms, file.text));
    nca__metrics_norm_names(x.names, file.text);
    while (nca__row_file_next(&file) == NCA__ROW_WHOLE) {
        nca_metrics_row row;
        assert_true(nca__metrics_read_row(&row, file.text, norms));
        compare_row(&row, &x);
        if (scored < validations && scores[scored].iteration == row.iteration) {
            const event *e = &events[x.at++];
            assert_int_equal(e->step, row.iteration);
            assert_value(e, "validation/AUC", (double)scores[scored].auc);
            assert_value(e, "validation/accuracy", (double)scores[scored].accuracy);
            assert_value(e, "validation/balanced accuracy",
                         (double)scores[scored].balanced_accuracy);
            assert_value(e, "validation/log loss", (double)scores[scored].log_loss);
            assert_int_equal(e->count, 4);
            scored++;
        }
    }
    assert_int_equal(scored, validations);
    assert_int_equal(x.at, x.count);
    assert_true(x.rows > 0);
    nca__row_file_close(&file);
    free(events);
    free(scores);
}

static nca_settings with_events(void **state, const char *output)
{
    nca_settings settings = small(state, output);
    set(&settings, "tensorboard", "true");
    set(&settings, "validate_every", "4");
    return settings;
}

static void events_are_the_rows_of_a_training(void **state)
{
    make_pictures(state);
    const nca_settings settings = with_events(state, "run");
    nca_run_close(trained(&settings, NCA_RUN_NEW, 0));
    compare(settings.output, true);
}

static void a_resumed_run_has_each_row_once(void **state)
{
    make_pictures(state);
    nca_settings settings = with_events(state, "run");
    nca_run_close(trained(&settings, NCA_RUN_NEW, 7));
    compare(settings.output, true);
    nca_run_close(trained(&settings, NCA_RUN_RESUME, 0));
    compare(settings.output, true);
}

/* Rows behind the checkpoint, as a killed training leaves them. */
static void rows_behind_the_checkpoint_are_removed(void **state)
{
    make_pictures(state);
    nca_settings settings = with_events(state, "run");
    uint8_t *saved;
    size_t size;
    nca_run_path checkpoint;
    nca_run_file(&checkpoint, settings.output, NCA_RUN_CHECKPOINT);
    nca_run_close(trained(&settings, NCA_RUN_NEW, 7));
    assert_ok(nca__file_read(&saved, &size, checkpoint.text, 1 << 20, &failure));
    nca_run_close(trained(&settings, NCA_RUN_RESUME, 12));
    assert_ok(nca__file_write(checkpoint.text, saved, size, &failure));
    free(saved);
    nca_run_close(trained(&settings, NCA_RUN_RESUME, 9));
    compare(settings.output, true);
}

/* All of a run that was begun without. */
static void the_file_can_be_asked_for_later(void **state)
{
    make_pictures(state);
    nca_settings settings = with_events(state, "run");
    set(&settings, "tensorboard", "false");
    nca_run_close(trained(&settings, NCA_RUN_NEW, 7));
    nca_run_path path;
    nca_run_file(&path, settings.output, NCA_RUN_TENSORBOARD);
    assert_int_equal(access(path.text, F_OK), -1);
    set(&settings, "tensorboard", "true");
    nca_run_close(trained(&settings, NCA_RUN_RESUME, 0));
    compare(settings.output, true);
}

/* A head has norms too. */
static void every_tensor_has_its_norm(void **state)
{
    make_pictures(state);
    nca_settings settings = with_events(state, "run");
    set(&settings, "features", "3");
    nca_run_close(trained(&settings, NCA_RUN_NEW, 0));
    compare(settings.output, true);
    size_t count;
    event *events = read_events(&count, settings.output);
    assert_true(value_of(&events[4], "gradient norm/head_w") > 0.0f);
    free(events);
}

static void a_run_that_replaces_another_has_its_own_file(void **state)
{
    make_pictures(state);
    nca_settings settings = with_events(state, "run");
    nca_run_close(trained(&settings, NCA_RUN_NEW, 0));
    set(&settings, "iterations", "9");
    nca_run_close(trained(&settings, NCA_RUN_REPLACE, 0));
    compare(settings.output, true);
}

/* As the message about a damaged metrics.csv recommends. */
static void validations_are_kept_without_their_rows(void **state)
{
    make_pictures(state);
    nca_settings settings = with_events(state, "run");
    nca_run_close(trained(&settings, NCA_RUN_NEW, 12));
    nca_run_path rows;
    nca_run_file(&rows, settings.output, NCA_RUN_METRICS);
    assert_int_equal(unlink(rows.text), 0);
    nca_run_close(trained(&settings, NCA_RUN_RESUME, 13));
    size_t count, validations;
    nca_validation_row *scores;
    assert_ok(nca_validations_read(&scores, &validations, settings.output, &failure));
    event *events = read_events(&count, settings.output);
    assert_true(validations >= 3 && count > validations);
    for (size_t i = 0; i < validations; i++) {
        assert_int_equal(events[1 + i].step, scores[i].iteration);
        assert_true(value_of(&events[1 + i], "validation/AUC") == (float)scores[i].auc);
    }
    free(events);
    free(scores);
}

static void growth_has_no_validations(void **state)
{
    static const char *const values[][2] = {
        {"recipe", "distill"}, {"img_size", "8"},  {"padding", "2"},    {"n_channels", "8"},
        {"hidden", "8"},       {"pool_size", "8"}, {"batch_size", "2"}, {"threads", "1"},
        {"steps_min", "3"},    {"steps_max", "4"}, {"iterations", "6"}, {"tensorboard", "true"}};
    nca_settings settings;
    nca_settings_default(&settings);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        set(&settings, values[i][0], values[i][1]);
    }
    set(&settings, "output", path_in(*state, "run"));
    nca_run_close(trained(&settings, NCA_RUN_NEW, 0));
    compare(settings.output, false);
}

#define IN_FOLDER(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checksum_is_that_of_the_standard),
        IN_FOLDER(events_are_the_rows_of_a_training),
        IN_FOLDER(a_resumed_run_has_each_row_once),
        IN_FOLDER(rows_behind_the_checkpoint_are_removed),
        IN_FOLDER(the_file_can_be_asked_for_later),
        IN_FOLDER(every_tensor_has_its_norm),
        IN_FOLDER(a_run_that_replaces_another_has_its_own_file),
        IN_FOLDER(validations_are_kept_without_their_rows),
        IN_FOLDER(growth_has_no_validations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
