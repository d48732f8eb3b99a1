/* The progress display of a sweep. The remaining time is computed from the remaining iterations and
 * the rate so far. */
#include "cli/runs/sweep_display.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/terminal.h"

enum {
    BAR = 20
};

static const double redraw_seconds = 0.2, plain_seconds = 30;

void sweep_display_start(sweep_display *d, bool quiet)
{
    *d = (sweep_display){
        .quiet = quiet, .terminal = terminal_is_there(), .unicode = terminal_is_unicode()};
    d->started = nca_seconds();
    d->last = d->terminal ? 0 : d->started;
}

typedef struct parts {
    char counts[96], bar[128], left[48];
} parts;

static void fill_parts(parts *out, const sweep_display *d, const nca_sweep_job *job)
{
    double before = 0, done = 0, total = 0;
    for (size_t i = 0; i < nca_sweep_count(nca_sweep_of(job)); i++) {
        const nca_sweep_run *run = nca_sweep_run_at(job, i);
        double length = (double)nca_sweep_settings(nca_sweep_of(job), i)->iterations;
        before += (double)run->before;
        done += (double)run->done;
        /* The remaining iterations of a failed run will not be computed. */
        total += run->status == NCA_SWEEP_FAILED ? (double)run->done : length;
    }
    double passed = nca_seconds() - d->started;
    double rate = passed > 0 ? (done - before) / passed : 0;
    char time[32];
    terminal_duration(time, sizeof time, rate > 0 ? (total - done) / rate : 0);
    size_t failed = nca_sweep_count_of(job, NCA_SWEEP_FAILED);
    memset(out, 0, sizeof *out);
    int length = snprintf(
        out->counts, sizeof out->counts, "%zu/%zu done, %zu running, %zu left",
        nca_sweep_count_of(job, NCA_SWEEP_DONE), nca_sweep_count(nca_sweep_of(job)),
        nca_sweep_count_of(job, NCA_SWEEP_RUNNING), nca_sweep_count_of(job, NCA_SWEEP_WAITING));
    if (failed > 0) {
        snprintf(out->counts + length, sizeof out->counts - (size_t)length, ", %zu failed", failed);
    }
    double share = total > 0 ? done / total : 1;
    snprintf(out->bar, sizeof out->bar, "  ");
    terminal_bar(out->bar + 2, sizeof out->bar - 2, BAR, share, d->unicode);
    size_t used = strlen(out->bar);
    snprintf(out->bar + used, sizeof out->bar - used, " %3.0f%%", floor(share * 100));
    bool over =
        nca_sweep_count_of(job, NCA_SWEEP_RUNNING) + nca_sweep_count_of(job, NCA_SWEEP_WAITING) ==
        0;
    if (over) {
        terminal_duration(time, sizeof time, passed);
    }
    if (over || rate > 0) {
        snprintf(out->left, sizeof out->left, over ? "  in %s" : "  %s left", time);
    }
}

/* In a narrow window, the least important part is omitted first. */
static void draw(const sweep_display *d, const nca_sweep_job *job)
{
    parts part;
    fill_parts(&part, d, job);
    size_t room = terminal_width();
    if (terminal_columns(part.counts) + terminal_columns(part.bar) + terminal_columns(part.left) >=
        room) {
        part.bar[0] = 0;
    }
    if (terminal_columns(part.counts) + terminal_columns(part.left) >= room) {
        part.left[0] = 0;
    }
    status_line("%.*s%s%s", (int)(room > 1 ? room - 1 : 1), part.counts, part.bar, part.left);
}

static void print_plain(const sweep_display *d, const nca_sweep_job *job)
{
    parts part;
    fill_parts(&part, d, job);
    report_line("%s%s", part.counts, part.left);
}

void sweep_display_show(sweep_display *d, const nca_sweep_job *job)
{
    double now = nca_seconds();
    if (d->quiet || now - d->last < (d->terminal ? redraw_seconds : plain_seconds)) {
        return;
    }
    d->last = now;
    if (d->terminal) {
        draw(d, job);
    } else {
        print_plain(d, job);
    }
}

void sweep_display_say(sweep_display *d, const char *format, ...)
{
    if (d->quiet) {
        return;
    }
    char text[NCA_ERROR_SIZE + 256]; /* the name of a run and the reason for its failure */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (d->terminal) {
        status_clear();
    }
    report_line("%s", text);
    d->last = d->terminal ? 0 : d->last; /* the redrawn line is shown again immediately */
}

void sweep_display_finish(sweep_display *d, const nca_sweep_job *job)
{
    if (d->quiet) {
        return;
    }
    if (d->terminal) {
        draw(d, job);
        status_leave();
    } else {
        print_plain(d, job);
    }
}
