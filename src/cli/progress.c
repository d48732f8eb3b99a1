/* The progress line. It queries the terminal's width for each drawing, so a resized window needs no
 * signal, and omits its least important parts until it fits. It uses no colour. */
#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/terminal.h"

enum {
    BAR = 16,
    SPARKS = 24,
    LINE = 512
};

static const double redraw_seconds = 0.1, plain_seconds = 5, patience_seconds = 1;

void progress_start(progress *p, bool quiet, uint64_t done)
{
    *p = (progress){.quiet = quiet, .first = done};
    p->terminal = terminal_is_there();
    p->unicode = terminal_is_unicode();
    p->started = p->last = nca_seconds();
}

static void append(char *line, const char *text)
{
    size_t used = strlen(line);
    snprintf(line + used, LINE - used, "%s", text);
}

/* The history of the loss on a logarithmic scale; each mark is the geometric mean of its part. */
static void append_sparkline(char *line, const double *losses, size_t count, size_t marks,
                             bool unicode)
{
    static const char *const blocks[] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                         "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char *const plain[] = {"_", ".", "-", "~", "=", "+", "*", "#"};
    double level[SPARKS], low = INFINITY, high = -INFINITY;
    marks = marks < count ? marks : count;
    for (size_t i = 0; i < marks; i++) {
        double sum = 0;
        size_t good = 0;
        for (size_t k = count * i / marks; k < count * (i + 1) / marks; k++) {
            if (isfinite(losses[k]) && losses[k] > 0) {
                sum += log(losses[k]);
                good++;
            }
        }
        level[i] = good > 0 ? sum / (double)good : NAN;
        low = fmin(low, level[i]);
        high = fmax(high, level[i]);
    }
    for (size_t i = 0; i < marks; i++) {
        double share = high > low ? (level[i] - low) / (high - low) : 0;
        size_t height = isfinite(share) ? (size_t)(share * 7 + 0.5) : 0;
        append(line, isnan(level[i]) ? " " : unicode ? blocks[height] : plain[height]);
    }
}

typedef struct parts {
    char position[64], bar[LINE], loss[48], rate[48], left[48], dropped[64];
} parts;

static void fill_parts(parts *out, const progress *p, const nca_iteration *report, uint64_t total)
{
    double passed = nca_seconds() - p->started;
    double done = (double)(report->iteration - p->first);
    double rate = passed > 0 ? done / passed : 0;
    double share = (double)report->iteration / (double)total;
    char left[32];
    bool finished = report->iteration == total;
    double to_do = rate > 0 ? (double)(total - report->iteration) / rate : 0;
    terminal_duration(left, sizeof left, finished ? passed : to_do);
    memset(out, 0, sizeof *out);
    snprintf(out->position, sizeof out->position, "%llu/%llu",
             (unsigned long long)report->iteration, (unsigned long long)total);
    append(out->bar, " ");
    terminal_bar(out->bar + strlen(out->bar), sizeof out->bar - strlen(out->bar), BAR, share,
                 p->unicode);
    snprintf(out->bar + strlen(out->bar), 16, " %3.0f%%", floor(share * 100));
    snprintf(out->loss, sizeof out->loss, "  loss %.3g", report->smooth_loss);
    snprintf(out->rate, sizeof out->rate, "  %.3g it/s", rate);
    snprintf(out->left, sizeof out->left, finished ? "  in %s" : "  %s left", left);
    if (report->dropped_total > 0) {
        snprintf(out->dropped, sizeof out->dropped, "  %llu dropped",
                 (unsigned long long)report->dropped_total);
    }
}

static void draw(progress *p, const nca_iteration *report, uint64_t total, const double *losses,
                 size_t count)
{
    parts part;
    fill_parts(&part, p, report, total);
    size_t room = terminal_width();
    room = room > 1 ? room - 1 : 1;
    /* In order of importance; the line shows them in the order of `shown`. */
    char *const by_importance[] = {part.position, part.loss, part.left,
                                   part.dropped,  part.bar,  part.rate};
    for (size_t i = 0; i < sizeof by_importance / sizeof *by_importance; i++) {
        size_t wide = terminal_columns(by_importance[i]);
        if (wide <= room) {
            room -= wide;
        } else {
            by_importance[i][0] = 0;
        }
    }
    char line[LINE] = "";
    append(line, part.position);
    append(line, part.bar);
    append(line, part.loss);
    if (room >= 8 && count > 1) {
        append(line, " ");
        append_sparkline(line, losses, count, room - 1 < SPARKS ? room - 1 : SPARKS, p->unicode);
    }
    append(line, part.rate);
    append(line, part.left);
    append(line, part.dropped);
    status_line("%s", line);
}

static void print_plain(const progress *p, const nca_iteration *report, uint64_t total)
{
    parts part;
    fill_parts(&part, p, report, total);
    report_line("iteration %s%s%s%s%s", part.position, part.loss, part.rate, part.left,
                part.dropped);
}

void progress_show(progress *p, const nca_iteration *report, uint64_t total, const double *losses,
                   size_t count)
{
    double now = nca_seconds();
    if (p->quiet || now - p->last < (p->terminal ? redraw_seconds : plain_seconds)) {
        return;
    }
    p->last = now;
    if (p->terminal) {
        draw(p, report, total, losses, count);
    } else {
        print_plain(p, report, total);
    }
}

void progress_finish(progress *p, const nca_iteration *report, uint64_t total, const double *losses,
                     size_t count)
{
    if (p->quiet) {
        return;
    }
    if (p->terminal) {
        draw(p, report, total, losses, count);
        status_leave();
    } else {
        print_plain(p, report, total);
    }
}

/* ---- Fractions ------------------------------------------------------------------------------- */

/* A line at most as wide as the terminal, because a wrapped line cannot be redrawn: first the bar
 * is omitted, then the beginning of `what`. */
static void draw_share(const char *what, const char *bar, const char *tail)
{
    size_t room = terminal_width(), fixed = terminal_columns(tail) + 1;
    size_t wide = terminal_columns(what);
    bool barred = wide + fixed + terminal_columns(bar) + 1 < room;
    while (!barred && *what != 0 && wide + fixed > room) {
        what++;
        wide -= ((unsigned char)*what & 0xC0u) != 0x80u;
    }
    status_line("%s%s%s%s", what, barred ? " " : "", barred ? bar : "", tail);
}

void progress_share(progress *p, const char *what, double before, double share)
{
    double now = nca_seconds(), passed = now - p->started, gained = share - before;
    if (p->quiet || passed < patience_seconds ||
        now - p->last < (p->terminal ? redraw_seconds : plain_seconds)) {
        return;
    }
    p->last = now;
    char left[32], bar[LINE] = "", tail[64];
    terminal_duration(left, sizeof left, gained > 0 ? passed / gained * (1 - share) : 0);
    if (p->terminal) {
        terminal_bar(bar, sizeof bar, BAR, share, p->unicode);
        snprintf(tail, sizeof tail, " %3.0f%%  %s left", floor(share * 100), left);
        draw_share(what, bar, tail);
    } else {
        report_line("%s %.0f%%  %s left", what, floor(share * 100), left);
    }
}

void progress_clear(const progress *p)
{
    if (p->terminal && !p->quiet) {
        status_clear();
    }
}
