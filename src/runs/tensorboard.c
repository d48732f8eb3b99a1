/* See tensorboard.h. The file is a sequence of records (tensorflow/core/lib/io/record_writer.h):
 *
 *   8 bytes length, 4 bytes checksum of these 8, the event, 4 bytes checksum of the event
 *
 * An event is a message of Protocol Buffers (tensorflow/core/util/event.proto): Event{wall_time =
 * 1, step = 2, file_version = 3, summary = 5: Summary{value = 1: Value{tag = 1, simple_value =
 * 2}}}. */
#include "runs/tensorboard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/crc32c.h"
#include "base/error.h"
#include "base/file.h"
#include "base/protobuf.h"
#include "nca/files.h"
#include "runs/metrics.h"
#include "runs/row_file.h"

enum {
    EVENT_WALL_TIME = 1,
    EVENT_STEP = 2,
    EVENT_FILE_VERSION = 3,
    EVENT_SUMMARY = 5,
    SUMMARY_VALUE = 1,
    VALUE_TAG = 1,
    VALUE_SIMPLE = 2,
    ROOM = 512 /* bytes of an event at first */
};

static const double flush_seconds = 1;

/* ---- Records ---------------------------------------------------------------------------------*/

/* Bytes of a number, the lowest first. */
static void put_little(uint8_t *out, uint64_t value, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

/* A checksum is stored rotated and with a constant added, so that the checksum of a record that
 * contains checksums is still a good one. */
static uint32_t masked_crc(const void *bytes, size_t count)
{
    const uint32_t crc = nca__crc32c(bytes, count);
    return (crc >> 15 | crc << 17) + UINT32_C(0xa282ead8);
}

/* Writes an event and frees it; false without memory for it. */
static bool put_record(FILE *to, nca__growing_text *event)
{
    if (event->text == NULL) {
        return false;
    }
    uint8_t head[12], tail[4];
    put_little(head, event->length, 8);
    put_little(head + 8, masked_crc(head, 8), 4);
    put_little(tail, masked_crc(event->text, event->length), 4);
    fwrite(head, 1, sizeof head, to);
    fwrite(event->text, 1, event->length, to);
    fwrite(tail, 1, sizeof tail, to);
    free(event->text);
    return true;
}

/* ---- Events ----------------------------------------------------------------------------------*/

static nca__growing_text begin_event(double wall_time, uint64_t step)
{
    nca__growing_text event = nca__growing_text_make(ROOM);
    nca__protobuf_double(&event, EVENT_WALL_TIME, wall_time);
    nca__protobuf_integer(&event, EVENT_STEP, step);
    return event;
}

static void put_scalar(nca__growing_text *summary, const char *tag, double value)
{
    nca__growing_text one = nca__growing_text_make(ROOM);
    nca__protobuf_text(&one, VALUE_TAG, tag);
    nca__protobuf_float(&one, VALUE_SIMPLE, (float)value);
    nca__protobuf_message(summary, SUMMARY_VALUE, &one);
}

static bool put_version(FILE *to, double wall_time)
{
    nca__growing_text event = begin_event(wall_time, 0);
    nca__protobuf_text(&event, EVENT_FILE_VERSION, "brain.Event:2");
    return put_record(to, &event);
}

static bool put_row(FILE *to, const nca__tensorboard *t, const nca_metrics_row *row)
{
    nca__growing_text event = begin_event(t->began + row->seconds, row->iteration);
    nca__growing_text summary = nca__growing_text_make(ROOM);
    put_scalar(&summary, "loss", row->loss);
    put_scalar(&summary, "learning rate", row->learning_rate);
    put_scalar(&summary, "steps", row->steps);
    put_scalar(&summary, "living cells", (double)row->alive_cells);
    for (size_t i = 0; i < row->norm_count; i++) {
        char tag[64];
        snprintf(tag, sizeof tag, "gradient norm/%s", t->names[i]);
        put_scalar(&summary, tag, row->norm[i]);
    }
    nca__protobuf_message(&event, EVENT_SUMMARY, &summary);
    return put_record(to, &event);
}

static bool put_validation(FILE *to, const nca__tensorboard *t, const nca_validation_row *row,
                           double seconds)
{
    nca__growing_text event = begin_event(t->began + seconds, row->iteration);
    nca__growing_text summary = nca__growing_text_make(ROOM);
    put_scalar(&summary, "validation/AUC", row->auc);
    put_scalar(&summary, "validation/accuracy", row->accuracy);
    put_scalar(&summary, "validation/balanced accuracy", row->balanced_accuracy);
    put_scalar(&summary, "validation/log loss", row->log_loss);
    nca__protobuf_message(&event, EVENT_SUMMARY, &summary);
    return put_record(to, &event);
}

/* ---- The rows so far -------------------------------------------------------------------------*/

static double now_since_1970(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool next_row(nca_metrics_row *out, nca__row_file *from, size_t norms)
{
    return nca__row_file_next(from) == NCA__ROW_WHOLE &&
           nca__metrics_read_row(out, from->text, norms);
}

/* The names of the norms, and the time at which the training would have begun if it had not been
 * interrupted. */
static nca_status read_names_and_time(nca__tensorboard *t, size_t *out_norms, nca__row_file *from,
                                      const char *rows, nca_error *error)
{
    nca_metrics_row row = {.seconds = 0};
    if (nca__row_file_next(from) != NCA__ROW_WHOLE ||
        !nca__metrics_read_header(out_norms, from->text)) {
        return ferror(from->stream)
                   ? nca__row_file_fail(error, rows)
                   : nca__fail(error, NCA_FORMAT,
                               "%.900s: the first line is not that of a metrics file", rows);
    }
    nca__metrics_norm_names(t->names, from->text);
    while (next_row(&row, from, *out_norms)) {
    }
    t->began = now_since_1970() - row.seconds;
    return ferror(from->stream) ? nca__row_file_fail(error, rows) : NCA_OK;
}

/* The time of a validation is that of the row of its iteration. */
static nca_status copy_rows(const nca__tensorboard *t, FILE *to, size_t norms, nca__row_file *from,
                            const nca__validations *v, nca_error *error)
{
    nca_metrics_row row = {.seconds = 0};
    size_t validation = 0;
    bool good = put_version(to, t->began);
    nca__row_file_next(from); /* the header */
    while (good && next_row(&row, from, norms)) {
        good = put_row(to, t, &row);
        for (; good && validation < v->count && v->rows[validation].iteration <= row.iteration;
             validation++) {
            good = put_validation(to, t, &v->rows[validation], row.seconds);
        }
    }
    for (; good && validation < v->count; validation++) { /* their rows were moved away */
        good = put_validation(to, t, &v->rows[validation], row.seconds);
    }
    return good ? NCA_OK : nca__fail_memory(error, t->path, ROOM);
}

static nca_status write_all(nca__tensorboard *t, const char *rows, const nca__validations *v,
                            nca_error *error)
{
    nca__row_file from = {0};
    nca_file_writer *writer = NULL;
    size_t norms = 0;
    nca_status status = nca__row_file_open(&from, rows, error);
    if (status == NCA_OK) {
        status = read_names_and_time(t, &norms, &from, rows, error);
        rewind(from.stream);
    }
    if (status == NCA_OK) {
        status = nca_file_create(&writer, t->path, error);
    }
    if (status == NCA_OK) {
        status = copy_rows(t, nca_file_stream(writer), norms, &from, v, error);
    }
    if (status == NCA_OK && ferror(from.stream)) {
        status = nca__row_file_fail(error, rows);
    }
    nca__row_file_close(&from);
    if (status != NCA_OK && writer != NULL) {
        nca_file_abandon(writer);
        return status;
    }
    return status == NCA_OK ? nca_file_commit(writer, error) : status;
}

nca_status nca__tensorboard_begin(nca__tensorboard *t, const char *path, const char *rows,
                                  const nca__validations *v, nca_error *error)
{
    memset(t, 0, sizeof *t);
    snprintf(t->path, sizeof t->path, "%s", path);
    nca_status status = write_all(t, rows, v, error);
    if (status == NCA_OK) {
        status = nca_file_append(&t->stream, path, error);
    }
    t->flushed = nca__seconds();
    return status;
}

void nca__tensorboard_moved(nca__tensorboard *t, const char *path)
{
    snprintf(t->path, sizeof t->path, "%s", path);
}

/* ---- New rows --------------------------------------------------------------------------------*/

static nca_status finish_record(nca__tensorboard *t, bool good, nca_error *error)
{
    if (!good) {
        return nca__fail_memory(error, t->path, ROOM);
    }
    const double now = nca__seconds();
    if (now - t->flushed >= flush_seconds) {
        t->flushed = now;
        fflush(t->stream);
    }
    return ferror(t->stream) ? nca__fail_write(error, t->path, errno) : NCA_OK;
}

nca_status nca__tensorboard_row(nca__tensorboard *t, const nca_metrics_row *row, nca_error *error)
{
    return t->stream != NULL ? finish_record(t, put_row(t->stream, t, row), error) : NCA_OK;
}

nca_status nca__tensorboard_validation(nca__tensorboard *t, const nca_validation_row *row,
                                       double seconds, nca_error *error)
{
    return t->stream != NULL ? finish_record(t, put_validation(t->stream, t, row, seconds), error)
                             : NCA_OK;
}

nca_status nca__tensorboard_flush(nca__tensorboard *t, nca_error *error)
{
    if (t->stream != NULL && (fflush(t->stream) != 0 || ferror(t->stream))) {
        return nca__fail_write(error, t->path, errno);
    }
    return NCA_OK;
}

void nca__tensorboard_close(nca__tensorboard *t)
{
    if (t->stream != NULL) {
        fclose(t->stream);
    }
    memset(t, 0, sizeof *t);
}
