/* metrics.csv: writing rows, noticing when they cannot be written, and cutting off on resume what a
 * stopped run wrote after its last checkpoint. */
#include "cli/metrics.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char header[] = "iteration,loss,steps,learning_rate,norm_w1,norm_b1,norm_w2,norm_b2,"
                             "alive_cells,seconds\n";

static const double flush_seconds = 1;

static nca_status fail(nca_error *error, const char *path, const char *what)
{
    error->status = NCA_IO;
    snprintf(error->message, sizeof error->message, "%.900s: %s: %s", path, what, strerror(errno));
    return NCA_IO;
}

static nca_status start(metrics *m, const char *mode, nca_error *error)
{
    m->stream = fopen(m->path, mode);
    if (m->stream == NULL) {
        return fail(error, m->path, "cannot be written");
    }
    m->started = m->flushed = seconds_now();
    return NCA_OK;
}

nca_status metrics_create(metrics *m, const char *path, nca_error *error)
{
    memset(m, 0, sizeof *m);
    snprintf(m->path, sizeof m->path, "%s", path);
    m->first_iteration = 1;
    nca_status status = start(m, "w", error);
    if (status == NCA_OK && (fputs(header, m->stream) < 0 || fflush(m->stream) != 0)) {
        status = fail(error, m->path, "cannot be written");
    }
    return status;
}

static bool keep_loss(metrics *m, double loss)
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

/* Whether a line is the whole row of an iteration that follows the rows so far. */
static bool read_row(const metrics *m, const char *line, uint64_t *out_iteration, double *out_loss,
                     double *out_seconds)
{
    size_t commas = 0;
    for (const char *at = line; *at != 0; at++) {
        commas += *at == ',';
    }
    const char *newline = strchr(line, '\n');
    if (commas != 9 || newline == NULL) {
        return false;
    }
    char *end;
    *out_iteration = strtoull(line, &end, 10);
    bool follows = m->count == 0 || *out_iteration == m->first_iteration + m->count;
    if (*end != ',' || !follows) {
        return false;
    }
    *out_loss = strtod(end + 1, NULL);
    *out_seconds = strtod(strrchr(line, ',') + 1, NULL);
    return true;
}

/* Copies the header and the rows up to iteration `done`. */
static nca_status copy_rows(metrics *m, FILE *from, FILE *to, uint64_t done, nca_error *error)
{
    char *line = NULL;
    size_t size = 0;
    nca_status status = NCA_OK;
    if (getline(&line, &size, from) < 0 || strcmp(line, header) != 0) {
        free(line);
        error->status = NCA_FORMAT;
        snprintf(error->message, sizeof error->message,
                 "%.900s: its first line is not that of a metrics file; move it away", m->path);
        return NCA_FORMAT;
    }
    fputs(header, to);
    uint64_t iteration;
    double loss, seconds;
    while (getline(&line, &size, from) >= 0 && read_row(m, line, &iteration, &loss, &seconds) &&
           iteration <= done) {
        if (m->count == 0) {
            m->first_iteration = iteration;
        }
        if (!keep_loss(m, loss)) {
            status = fail(error, m->path, "cannot be kept");
            break;
        }
        m->seconds_before = seconds;
        fputs(line, to);
    }
    free(line);
    return status;
}

nca_status metrics_reopen(metrics *m, const char *path, uint64_t done, nca_error *error)
{
    FILE *from = fopen(path, "r");
    if (from == NULL && errno == ENOENT) {
        nca_status status = metrics_create(m, path, error);
        m->first_iteration = done + 1;
        return status;
    }
    memset(m, 0, sizeof *m);
    snprintf(m->path, sizeof m->path, "%s", path);
    m->first_iteration = done + 1;
    if (from == NULL) {
        return fail(error, path, "cannot be read");
    }
    char temporary[PATH_SIZE + 8];
    snprintf(temporary, sizeof temporary, "%s.tmp", path); /* RUN_METRICS_TEMPORARY */
    FILE *to = fopen(temporary, "w");
    if (to == NULL) {
        fclose(from);
        return fail(error, path, "cannot be written");
    }
    nca_status status = copy_rows(m, from, to, done, error);
    if (status == NCA_OK && m->first_iteration + m->count != done + 1) {
        status = error->status = NCA_FORMAT;
        snprintf(
            error->message, sizeof error->message,
            "%.900s: its rows should reach iteration %llu, but row %llu is missing or damaged; "
            "move the file away and resume again",
            path, (unsigned long long)done, (unsigned long long)(m->first_iteration + m->count));
    }
    bool written = fflush(to) == 0 && !ferror(to) && fsync(fileno(to)) == 0;
    written = fclose(to) == 0 && written;
    fclose(from);
    if (status == NCA_OK && (!written || rename(temporary, path) != 0)) {
        status = fail(error, path, "cannot be written");
    }
    if (status != NCA_OK) {
        unlink(temporary);
        return status;
    }
    return start(m, "a", error);
}

nca_status metrics_add(metrics *m, const nca_iteration *report, nca_error *error)
{
    double now = seconds_now();
    const double *norm = report->gradient_norm;
    fprintf(m->stream, "%llu,%.9g,%u,%.9g,%.9g,%.9g,%.9g,%.9g,%zu,%.3f\n",
            (unsigned long long)report->iteration, report->loss, (unsigned)report->steps,
            (double)report->learning_rate, norm[NCA_TENSOR_W1], norm[NCA_TENSOR_B1],
            norm[NCA_TENSOR_W2], norm[NCA_TENSOR_B2], report->alive_cells,
            m->seconds_before + now - m->started);
    if (now - m->flushed >= flush_seconds) {
        m->flushed = now;
        fflush(m->stream);
    }
    if (ferror(m->stream)) {
        return fail(error, m->path, "cannot be written");
    }
    return keep_loss(m, report->loss) ? NCA_OK : fail(error, m->path, "cannot be kept");
}

nca_status metrics_sync(metrics *m, nca_error *error)
{
    if (fflush(m->stream) != 0 || ferror(m->stream) || fdatasync(fileno(m->stream)) != 0) {
        return fail(error, m->path, "cannot be written");
    }
    return NCA_OK;
}

void metrics_close(metrics *m)
{
    if (m->stream != NULL) {
        fclose(m->stream);
    }
    free(m->losses);
    memset(m, 0, sizeof *m);
}

/* ---- A robust figure -------------------------------------------------------------------------*/

double losses_median(const double *losses, size_t count)
{
    enum {
        WINDOW = 50 /* as nca_model_info.loss has */
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
