/* metrics.csv: writes rows, reports write errors, and on resume removes the rows that a stopped run
 * wrote after its last checkpoint. */
#include "runs/metrics.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "nca/files.h"
#include "runs/folder.h"
#include "runs/row_file.h"

static const char header_begin[] = "iteration,loss,steps,learning_rate,";
static const char header_norm[] = "norm_";
static const char header_end[] = "alive_cells,seconds\n";

static const double flush_seconds = 1;
static const double most_seconds = 1e12; /* maximum of a row: 30,000 years */

static nca_status start(nca__metrics *m, nca_error *error)
{
    nca_status status = nca_file_append(&m->stream, m->path, error);
    m->started = m->flushed = nca__seconds();
    return status;
}

/* ---- Columns ---------------------------------------------------------------------------------*/

const char *nca_metrics_norm_name(const nca_automaton *automaton, size_t index)
{
    return nca_tensor_at(automaton, index).column;
}

static void write_header(char out[NCA__ROW_SIZE], const nca_automaton *automaton)
{
    size_t length = (size_t)snprintf(out, NCA__ROW_SIZE, "%s", header_begin);
    const char *name;
    for (size_t i = 0; (name = nca_metrics_norm_name(automaton, i)) != NULL; i++) {
        length +=
            (size_t)snprintf(out + length, NCA__ROW_SIZE - length, "%s%s,", header_norm, name);
    }
    snprintf(out + length, NCA__ROW_SIZE - length, "%s", header_end);
}

/* The rest of the line after `text`; NULL if it does not begin with it. */
static const char *behind(const char *line, const char *text)
{
    const size_t length = strlen(text);
    return strncmp(line, text, length) == 0 ? line + length : NULL;
}

bool nca__metrics_read_header(size_t *out_norms, const char *line)
{
    const char *at = behind(line, header_begin), *norm;
    size_t norms = 0;
    while (at != NULL && (norm = behind(at, header_norm)) != NULL) {
        const char *comma = strchr(norm, ',');
        at = comma != NULL ? comma + 1 : NULL;
        norms++;
    }
    if (at == NULL || strcmp(at, header_end) != 0 || norms > NCA_MAX_TENSORS) {
        return false;
    }
    *out_norms = norms;
    return true;
}

void nca__metrics_norm_names(nca__norm_names out, const char *line)
{
    const char *at = behind(line, header_begin), *norm;
    for (size_t i = 0; i < NCA_MAX_TENSORS && (norm = behind(at, header_norm)) != NULL; i++) {
        const size_t length = strcspn(norm, ",");
        snprintf(out[i], NCA__NORM_NAME, "%.*s", (int)length, norm);
        at = norm + length + 1;
    }
}

/* ---- Rows ------------------------------------------------------------------------------------*/

static void initialise(nca__metrics *m, const char *path, const nca_automaton *automaton)
{
    memset(m, 0, sizeof *m);
    snprintf(m->path, sizeof m->path, "%s", path);
    m->norms = nca_tensor_count(automaton);
}

nca_status nca__metrics_create(nca__metrics *m, const char *path, const nca_automaton *automaton,
                               nca_error *error)
{
    char header[NCA__ROW_SIZE];
    initialise(m, path, automaton);
    m->first_iteration = 1;
    write_header(header, automaton);
    nca_status status = nca_file_write(m->path, header, strlen(header), error);
    return status == NCA_OK ? start(m, error) : status;
}

static bool keep_loss(nca__metrics *m, double loss)
{
    if (m->count == m->capacity) {
        size_t capacity = m->capacity > 0 ? 2 * m->capacity : 4096;
        double *grown = realloc(m->losses, capacity * sizeof *grown);
        if (grown == NULL) {
            return false;
        }
        m->losses = grown;
        m->capacity = capacity;
    }
    m->losses[m->count++] = loss;
    return true;
}

bool nca__metrics_read_row(nca_metrics_row *out, const char *line, size_t norms)
{
    const char *at = line;
    uint64_t steps, alive_cells;
    nca_metrics_row row = {.norm_count = norms};
    bool good = nca__row_whole_number(&row.iteration, &at, ',', NCA__ROW_MOST_ITERATIONS) &&
                row.iteration > 0 && nca__row_number(&row.loss, &at, ',') &&
                nca__row_whole_number(&steps, &at, ',', UINT32_MAX) &&
                nca__row_number(&row.learning_rate, &at, ',');
    for (size_t i = 0; good && i < norms; i++) {
        good = nca__row_number(&row.norm[i], &at, ',');
    }
    good = good && nca__row_whole_number(&alive_cells, &at, ',', UINT32_MAX) &&
           nca__row_number(&row.seconds, &at, '\n') && *at == 0 && row.seconds >= 0 &&
           row.seconds <= most_seconds;
    if (good) {
        row.steps = (unsigned)steps;
        row.alive_cells = (size_t)alive_cells;
        *out = row;
    }
    return good;
}

/* Reads the next row; returns whether it is the one that follows the previous rows. */
static bool next_row(nca_metrics_row *out, const nca__metrics *m, nca__row_file *from)
{
    return nca__row_file_next(from) == NCA__ROW_WHOLE &&
           nca__metrics_read_row(out, from->text, m->norms) &&
           (m->count == 0 || out->iteration == m->first_iteration + m->count);
}

/* Copies the header and the rows up to iteration `done`. */
static nca_status copy_rows(nca__metrics *m, const char *header, nca__row_file *from, FILE *to,
                            uint64_t done, nca_error *error)
{
    if (nca__row_file_next(from) != NCA__ROW_WHOLE || strcmp(from->text, header) != 0) {
        return nca__fail(error, NCA_FORMAT,
                         "%.600s: the first line is not the header of this run's metrics file; "
                         "move the file away",
                         m->path);
    }
    fputs(header, to);
    nca_metrics_row row;
    while (next_row(&row, m, from) && row.iteration <= done) {
        if (m->count == 0) {
            m->first_iteration = row.iteration;
        }
        if (!keep_loss(m, row.loss)) {
            return nca__run_fail(error, m->path, "cannot be stored", ENOMEM);
        }
        m->seconds_before = row.seconds;
        fputs(from->text, to);
    }
    return ferror(from->stream) ? nca__row_file_fail(error, m->path) : NCA_OK;
}

/* Keeps the rows of an existing file. */
static nca_status keep_rows(nca__metrics *m, const char *header, nca__row_file *from, uint64_t done,
                            nca_error *error)
{
    nca_file_writer *writer = NULL;
    nca_status status = nca_file_create(&writer, m->path, error);
    if (status != NCA_OK) {
        return status;
    }
    status = copy_rows(m, header, from, nca_file_stream(writer), done, error);
    if (status == NCA_OK && m->first_iteration + m->count != done + 1) {
        status = nca__fail(
            error, NCA_FORMAT,
            "%.900s: expected rows up to iteration %llu, but row %llu is missing or damaged; "
            "move the file away and resume again",
            m->path, (unsigned long long)done, (unsigned long long)(m->first_iteration + m->count));
    }
    if (status != NCA_OK) {
        nca_file_abandon(writer);
        return status;
    }
    return nca_file_commit(writer, error);
}

nca_status nca__metrics_reopen(nca__metrics *m, const char *path, const nca_automaton *automaton,
                               uint64_t done, nca_error *error)
{
    char header[NCA__ROW_SIZE];
    nca__row_file from;
    nca_status status = nca__row_file_open(&from, path, error);
    if (status == NCA_NOT_FOUND) {
        status = nca__metrics_create(m, path, automaton, error);
        m->first_iteration = done + 1;
        return status;
    }
    initialise(m, path, automaton);
    m->first_iteration = done + 1;
    if (status != NCA_OK) {
        return status;
    }
    write_header(header, automaton);
    status = keep_rows(m, header, &from, done, error);
    nca__row_file_close(&from);
    return status == NCA_OK ? start(m, error) : status;
}

double nca__metrics_seconds(const nca__metrics *m)
{
    return m->seconds_before + nca__seconds() - m->started;
}

nca_metrics_row nca__metrics_row(const nca__metrics *m, const nca_iteration *report)
{
    nca_metrics_row row = {.iteration = report->iteration,
                           .loss = report->loss,
                           .steps = report->steps,
                           .learning_rate = (double)report->learning_rate,
                           .norm_count = m->norms,
                           .alive_cells = report->alive_cells,
                           .seconds = nca__metrics_seconds(m)};
    memcpy(row.norm, report->gradient_norm, m->norms * sizeof *row.norm);
    return row;
}

nca_status nca__metrics_add(nca__metrics *m, const nca_metrics_row *row, nca_error *error)
{
    const double now = nca__seconds();
    fprintf(m->stream, "%llu,%.9g,%u,%.9g,", (unsigned long long)row->iteration, row->loss,
            row->steps, row->learning_rate);
    for (size_t i = 0; i < m->norms; i++) {
        fprintf(m->stream, "%.9g,", row->norm[i]);
    }
    fprintf(m->stream, "%zu,%.3f\n", row->alive_cells, row->seconds);
    if (now - m->flushed >= flush_seconds) {
        m->flushed = now;
        fflush(m->stream);
    }
    if (ferror(m->stream)) {
        return nca__fail_write(error, m->path, errno);
    }
    return keep_loss(m, row->loss) ? NCA_OK
                                   : nca__run_fail(error, m->path, "cannot be stored", ENOMEM);
}

nca_status nca__metrics_sync(nca__metrics *m, nca_error *error)
{
    if (fflush(m->stream) != 0 || ferror(m->stream) || fdatasync(fileno(m->stream)) != 0) {
        return nca__fail_write(error, m->path, errno);
    }
    return NCA_OK;
}

void nca__metrics_moved(nca__metrics *m, const char *path)
{
    snprintf(m->path, sizeof m->path, "%s", path);
}

void nca__metrics_close(nca__metrics *m)
{
    if (m->stream != NULL) {
        fclose(m->stream);
    }
    free(m->losses);
    memset(m, 0, sizeof *m);
}

/* ---- The median of the losses ---------------------------------------------------------------- */

double nca_losses_median(const double *losses, size_t count)
{
    enum {
        WINDOW = 50 /* the same as for nca_model_info.loss */
    };
    double sorted[WINDOW];
    size_t kept = 0;
    for (size_t i = count; i > 0 && kept < WINDOW; i--) {
        if (!isfinite(losses[i - 1])) {
            continue;
        }
        size_t at = kept++;
        for (; at > 0 && sorted[at - 1] > losses[i - 1]; at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = losses[i - 1];
    }
    return kept == 0 ? NAN : (sorted[(kept - 1) / 2] + sorted[kept / 2]) / 2;
}
