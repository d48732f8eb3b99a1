/* The values that a view shows, and their scale. */
#include "render/view_values.h"

#include <assert.h>
#include <math.h>

static const double least_end = 1e-3;
static const double held = 0.98; /* minimum fraction of the values within the end of a scale */

nca__view_tiles nca__view_tiles_of(const nca_view *view, const nca_automaton *automaton)
{
    nca__view_tiles shown = {view->channel, 1, 1};
    if (view->kind == NCA_VIEW_HIDDEN || view->kind == NCA_VIEW_MOSAIC) {
        shown.first = view->kind == NCA_VIEW_HIDDEN ? NCA__HIDDEN_FROM : 0;
        shown.count = automaton->channels - shown.first;
        while (shown.columns * shown.columns < shown.count) {
            shown.columns++;
        }
    }
    return shown;
}

double nca__view_change(const float *cell, const float *before, size_t channels)
{
    double sum = 0.0;
    for (size_t c = 0; c < channels; c++) {
        double difference = (double)cell[c] - (double)before[c];
        sum += difference * difference;
    }
    return sqrt(sum);
}

double nca__view_filter(const nca__filtered *filtered, const nca_view *view, size_t cell)
{
    return view->channel == NCA_VIEW_ALL_CHANNELS
               ? nca__filtered_norm(filtered, cell)
               : nca__filtered_channel(filtered, cell, view->channel);
}

/* ---- The scale -------------------------------------------------------------------------------*/

/* 1, 2 or 5 times a power of ten: only the last product is rounded. */
static double end_at(size_t i)
{
    static const double steps[] = {1.0, 2.0, 5.0};
    double unit = least_end * steps[i % 3];
    for (size_t decade = i / 3; decade > 0; decade--) {
        unit *= 10.0;
    }
    return unit;
}

static void add_value(nca_view_range *range, const double *ends, double value)
{
    value = fabs(value);
    if (!(isfinite(value) && value >= least_end)) {
        return;
    }
    size_t i = 0;
    while (i + 1 < NCA_VIEW_ENDS && value > ends[i]) {
        i++;
    }
    range->counts[i]++;
}

void nca_view_measure(nca_view_range *range, const nca_view *view, const nca_automaton *automaton,
                      const float *state, const float *before, size_t height, size_t width)
{
    assert(range != NULL && state != NULL);
    const size_t channels = automaton->channels;
    if (!nca_view_is_measured(view) || (view->kind == NCA_VIEW_UPDATE && before == NULL)) {
        return;
    }
    double ends[NCA_VIEW_ENDS]; /* slightly larger: 0.2f is above 0.2 */
    for (size_t i = 0; i < NCA_VIEW_ENDS; i++) {
        ends[i] = end_at(i) * (1.0 + 1e-6);
    }
    if (view->kind == NCA_VIEW_FILTER) {
        nca__filtered filtered;
        nca__filtered_open(&filtered, view, automaton, state, height, width);
        for (size_t cell = 0; cell < height * width; cell++) {
            add_value(range, ends, nca__view_filter(&filtered, view, cell));
        }
        return;
    }
    const nca__view_tiles shown = nca__view_tiles_of(view, automaton);
    for (size_t cell = 0; cell < height * width; cell++) {
        const float *at = state + cell * channels;
        if (view->kind == NCA_VIEW_UPDATE) {
            add_value(range, ends, nca__view_change(at, before + cell * channels, channels));
            continue;
        }
        for (size_t c = shown.first; c < shown.first + shown.count; c++) {
            add_value(range, ends, (double)at[c]);
        }
    }
}

double nca_view_range_end(const nca_view_range *range)
{
    uint64_t all = 0, below = 0;
    for (size_t i = 0; i < NCA_VIEW_ENDS; i++) {
        all += range->counts[i];
    }
    size_t i = 0;
    for (; i + 1 < NCA_VIEW_ENDS; i++) {
        below += range->counts[i];
        if ((double)below >= held * (double)all) {
            break;
        }
    }
    return end_at(i);
}
