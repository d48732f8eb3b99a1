/* Fuzzing the readers of metrics.csv: the rows that are shown, and the file that a training
 * continues. Accepted rows can be plotted; a reopened file contains complete rows without a gap. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "fuzz/harness.h"
#include "nca/plot.h"
#include "runs/metrics.h"
#include "runs/row_file.h"

enum {
    MOST_LOSSES = 4096
};

static void check_plot(const double *losses, size_t count, uint64_t first)
{
    char *svg = NULL;
    nca_loss_plot plot;
    nca_loss_plot_default(&plot);
    plot.loss_name = "L2";
    plot.losses = losses;
    plot.count = count;
    plot.first_iteration = (size_t)first;
    FUZZ_CHECK(nca_plot_loss_svg(&svg, &plot, NULL) == NCA_OK);
    free(svg);
}

/* As a report reads them; returns whether there were rows and all lines but the first were
 * valid. */
static bool read_rows(const char *path)
{
    static double losses[MOST_LOSSES];
    nca__row_file file;
    nca__row_kind kind;
    size_t count = 0, bad = 0, lines = 0, norms = 0;
    uint64_t last = 0;
    bool headed = false;
    FUZZ_CHECK(nca__row_file_open(&file, path, NULL) == NCA_OK);
    while ((kind = nca__row_file_next(&file)) != NCA__ROW_END && kind != NCA__ROW_CUT) {
        nca_metrics_row row;
        FUZZ_CHECK(kind != NCA__ROW_ERROR);
        if (lines == 0) {
            headed = kind == NCA__ROW_WHOLE && nca__metrics_read_header(&norms, file.text);
            FUZZ_CHECK(norms <= NCA_MAX_TENSORS);
        } else if (headed && kind == NCA__ROW_WHOLE &&
                   nca__metrics_read_row(&row, file.text, norms)) {
            FUZZ_CHECK(row.norm_count == norms);
            FUZZ_CHECK(row.iteration >= 1 && row.iteration <= NCA__ROW_MOST_ITERATIONS);
            FUZZ_CHECK(isfinite(row.seconds) && row.seconds >= 0);
            if (count < MOST_LOSSES) {
                losses[count++] = row.loss;
                last = row.iteration;
            }
        } else {
            bad++;
        }
        lines++;
    }
    nca__row_file_close(&file);
    if (count > 0) {
        check_plot(losses, count, last);
    }
    return kind == NCA__ROW_END && bad == 0 && count > 0;
}

/* As a resumed training reads them; returns the number of rows. */
static size_t reopen(const char *path, uint64_t done)
{
    nca__metrics m;
    nca_error error = {0};
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    const nca_status status = nca__metrics_reopen(&m, path, &automaton, done, &error);
    const size_t count = m.count;
    if (status != NCA_OK) {
        fuzz_check_refusal(status, &error, path);
    } else {
        FUZZ_CHECK(m.first_iteration + m.count == done + 1);
    }
    nca__metrics_close(&m);
    return status == NCA_OK ? count : SIZE_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = fuzz_scratch(0);
    FUZZ_CHECK(nca__file_write(path, (const char *)bytes, size, NULL) == NCA_OK);
    fuzz_accepted = read_rows(path);
    for (uint64_t done = 0; done <= 4; done += 2) {
        const size_t count = reopen(path, done);
        FUZZ_CHECK(count == SIZE_MAX || reopen(path, done) == count);
    }
    /* A file that begins with a row is not valid, whatever its rows contain. */
    fuzz_accepted = fuzz_accepted && size > 9 && memcmp(bytes, "iteration", 9) == 0;
    return 0;
}
