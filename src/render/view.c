/* Views of a state as pictures. Independent of models, files or how a state came to be; an
 * automaton says what its channels are. */
#include "nca/view.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "core/boundary.h"
#include "render/cell_colour.h"
#include "render/filter_view.h"

enum {
    HIDDEN_FROM = 4, /* the first channel that is not part of the image */
    ALPHA = 3
};

static const nca_colour line_colour = {140, 140, 140}; /* between the tiles of a mosaic */
static const nca_colour outline_colour = {150, 150, 150};
static const int least_contrast = 24; /* to the background, of 255, in what can be seen */
static const double least_end = 1e-3;
static const double held = 0.98; /* the share of values that the end of a scale holds */

static const char *const names[NCA_VIEW_COUNT] = {"rgba",   "alpha",   "alive",  "hidden",
                                                  "update", "channel", "mosaic", "filter"};

void nca_view_default(nca_view *out)
{
    *out = (nca_view){.kind = NCA_VIEW_RGBA, .background = {255, 255, 255}, .end = 1.0};
}

const char *nca_view_name(nca_view_kind kind)
{
    return (unsigned)kind < NCA_VIEW_COUNT ? names[kind] : NULL;
}

/* A number of at most four digits at *at, which moves behind it. */
static bool read_number(uint32_t *out, const char **at)
{
    const size_t length = strspn(*at, "0123456789");
    if (length == 0 || length > 4) {
        return false;
    }
    *out = (uint32_t)strtoul(*at, NULL, 10);
    *at += length;
    return true;
}

/* The text behind "NAME="; NULL when it does not begin with that. */
static const char *behind_name(const char *text, nca_view_kind kind)
{
    const size_t length = strlen(names[kind]);
    return strncmp(text, names[kind], length) == 0 && text[length] == '=' ? text + length + 1
                                                                          : NULL;
}

static bool read_channel(nca_view *view, const char *text)
{
    uint32_t channel;
    const char *at = behind_name(text, NCA_VIEW_CHANNEL);
    if (at == NULL || !read_number(&channel, &at) || *at != 0) {
        return false;
    }
    view->kind = NCA_VIEW_CHANNEL;
    view->channel = channel;
    return true;
}

static bool read_filter(nca_view *view, const char *text)
{
    uint32_t filter, channel = NCA_VIEW_ALL_CHANNELS;
    const char *at = behind_name(text, NCA_VIEW_FILTER);
    if (at == NULL || !read_number(&filter, &at)) {
        return false;
    }
    if (*at == ':') {
        at++;
        if (!read_number(&channel, &at)) {
            return false;
        }
    }
    if (*at != 0) {
        return false;
    }
    view->kind = NCA_VIEW_FILTER;
    view->filter = filter;
    view->channel = channel;
    return true;
}

nca_status nca_view_parse(nca_view *view, const char *text, nca_error *error)
{
    if (read_channel(view, text) || read_filter(view, text)) {
        return NCA_OK;
    }
    for (int kind = 0; kind < NCA_VIEW_COUNT; kind++) {
        if (kind != NCA_VIEW_CHANNEL && kind != NCA_VIEW_FILTER && strcmp(text, names[kind]) == 0) {
            view->kind = (nca_view_kind)kind;
            return NCA_OK;
        }
    }
    return nca__fail(error, NCA_INVALID_ARGUMENT,
                     "view: expected rgba, alpha, alive, hidden, update, channel=N, mosaic, "
                     "filter=K or filter=K:N, found \"%.40s\"",
                     text);
}

static nca_status check_filter(const nca_view *view, const nca_automaton *automaton,
                               nca_error *error)
{
    const size_t most = nca_perception_maps(automaton) - 1;
    if (view->filter < 1 || view->filter > most) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "view filter=%u: expected a filter from 1 to %zu", (unsigned)view->filter,
                         most);
    }
    if (view->channel != NCA_VIEW_ALL_CHANNELS && view->channel >= automaton->channels) {
        return nca__fail(
            error, NCA_INVALID_ARGUMENT, "view filter=%u:%u: the automaton has channels 0 to %u",
            (unsigned)view->filter, (unsigned)view->channel, (unsigned)automaton->channels - 1);
    }
    if (automaton->filter == NCA_FILTER_LEARNED && view->parameters == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "view filter=%u: the automaton has learned filters; set "
                         "nca_view.parameters",
                         (unsigned)view->filter);
    }
    return NCA_OK;
}

nca_status nca_view_check(const nca_view *view, const nca_automaton *automaton, nca_error *error)
{
    nca_status room = nca__check_reserved(view->reserved, NCA_RESERVED, "nca_view", error);
    if (room != NCA_OK) {
        return room;
    }
    unsigned channels = automaton->channels;
    if (view->kind == NCA_VIEW_CHANNEL && view->channel >= channels) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "view channel=%u: the automaton has channels 0 to %u",
                         (unsigned)view->channel, channels - 1);
    }
    if (view->kind == NCA_VIEW_HIDDEN && channels <= HIDDEN_FROM) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "view hidden: the automaton has %u channels, none of them hidden; "
                         "view mosaic shows them",
                         channels);
    }
    if (view->kind == NCA_VIEW_FILTER) {
        nca_status filter = check_filter(view, automaton, error);
        if (filter != NCA_OK) {
            return filter;
        }
    }
    if (nca_view_is_measured(view) && !(view->end > 0.0 && isfinite(view->end))) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "view %s: expected a scale that ends above 0, found %g", names[view->kind],
                         view->end);
    }
    return NCA_OK;
}

bool nca_view_is_measured(const nca_view *view)
{
    return view->kind == NCA_VIEW_HIDDEN || view->kind == NCA_VIEW_UPDATE ||
           view->kind == NCA_VIEW_CHANNEL || view->kind == NCA_VIEW_MOSAIC ||
           view->kind == NCA_VIEW_FILTER;
}

bool nca_view_is_signed(const nca_view *view)
{
    const bool norm = view->kind == NCA_VIEW_UPDATE ||
                      (view->kind == NCA_VIEW_FILTER && view->channel == NCA_VIEW_ALL_CHANNELS);
    return nca_view_is_measured(view) && !norm;
}

/* The channels that are shown, each as a tile, one after the other. */
typedef struct tiles {
    size_t first, count, columns;
} tiles;

static tiles tiles_of(const nca_view *view, const nca_automaton *automaton)
{
    tiles shown = {view->channel, 1, 1};
    if (view->kind == NCA_VIEW_HIDDEN || view->kind == NCA_VIEW_MOSAIC) {
        shown.first = view->kind == NCA_VIEW_HIDDEN ? HIDDEN_FROM : 0;
        shown.count = automaton->channels - shown.first;
        while (shown.columns * shown.columns < shown.count) {
            shown.columns++;
        }
    }
    return shown;
}

/* ---- Values ----------------------------------------------------------------------------------*/

static double cell_change(const float *cell, const float *before, size_t channels)
{
    double sum = 0.0;
    for (size_t c = 0; c < channels; c++) {
        double difference = (double)cell[c] - (double)before[c];
        sum += difference * difference;
    }
    return sqrt(sum);
}

static double filter_value(const nca__filtered *filtered, const nca_view *view, size_t cell)
{
    return view->channel == NCA_VIEW_ALL_CHANNELS
               ? nca__filtered_norm(filtered, cell)
               : nca__filtered_channel(filtered, cell, view->channel);
}

/* 1, 2 or 5 times a power of ten: nothing is rounded on the way but the last product. */
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
    double ends[NCA_VIEW_ENDS]; /* a little wider: 0.2f is above 0.2 */
    for (size_t i = 0; i < NCA_VIEW_ENDS; i++) {
        ends[i] = end_at(i) * (1.0 + 1e-6);
    }
    if (view->kind == NCA_VIEW_FILTER) {
        nca__filtered filtered;
        nca__filtered_open(&filtered, view, automaton, state, height, width);
        for (size_t cell = 0; cell < height * width; cell++) {
            add_value(range, ends, filter_value(&filtered, view, cell));
        }
        return;
    }
    const tiles shown = tiles_of(view, automaton);
    for (size_t cell = 0; cell < height * width; cell++) {
        const float *at = state + cell * channels;
        if (view->kind == NCA_VIEW_UPDATE) {
            add_value(range, ends, cell_change(at, before + cell * channels, channels));
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

/* ---- Pictures --------------------------------------------------------------------------------*/

void nca_view_size(size_t *out_height, size_t *out_width, const nca_view *view,
                   const nca_automaton *automaton, size_t height, size_t width)
{
    const tiles shown = tiles_of(view, automaton);
    const size_t rows = (shown.count + shown.columns - 1) / shown.columns;
    *out_height = rows * (height + 1) - 1;
    *out_width = shown.columns * (width + 1) - 1;
}

static void set_pixel(nca_image *image, size_t x, size_t y, nca_colour colour)
{
    uint8_t *pixel = image->pixels + 4 * (y * image->width + x);
    pixel[0] = colour.r;
    pixel[1] = colour.g;
    pixel[2] = colour.b;
    pixel[3] = 255;
}

static void draw_tiles(nca_image *image, const nca_view *view, const nca_automaton *automaton,
                       const float *state, size_t height, size_t width)
{
    const tiles shown = tiles_of(view, automaton);
    for (size_t i = 0; i < image->width * image->height; i++) {
        set_pixel(image, i % image->width, i / image->width, line_colour);
    }
    for (size_t tile = 0; tile < shown.count; tile++) {
        const size_t left = tile % shown.columns * (width + 1);
        const size_t top = tile / shown.columns * (height + 1);
        for (size_t cell = 0; cell < height * width; cell++) {
            double value = (double)state[cell * automaton->channels + shown.first + tile];
            set_pixel(image, left + cell % width, top + cell / width,
                      nca__cell_colour(value, view->end, true));
        }
    }
}

static void draw_filter(nca_image *image, const nca_view *view, const nca_automaton *automaton,
                        const float *state, size_t height, size_t width)
{
    nca__filtered filtered;
    nca__filtered_open(&filtered, view, automaton, state, height, width);
    for (size_t cell = 0; cell < height * width; cell++) {
        set_pixel(image, cell % width, cell / width,
                  nca__cell_colour(filter_value(&filtered, view, cell), view->end,
                                   view->channel != NCA_VIEW_ALL_CHANNELS));
    }
}

static bool is_over(const nca_automaton *automaton, const float *state, size_t cell)
{
    return automaton->alive_channel < 0 ||
           state[cell * automaton->channels + (size_t)automaton->alive_channel] >
               automaton->alive_threshold;
}

/* Whether any cell of the 3x3 neighbourhood is over the threshold, those beyond the edge too. */
static bool is_alive(const nca_automaton *automaton, const float *state, size_t height,
                     size_t width, size_t cell)
{
    const nca__boundary *boundary = nca__boundary_of(automaton->boundary);
    for (ptrdiff_t dy = -1; dy <= 1; dy++) {
        for (ptrdiff_t dx = -1; dx <= 1; dx++) {
            const size_t row =
                nca__boundary_source(boundary, (ptrdiff_t)(cell / width) + dy, height);
            const size_t column =
                nca__boundary_source(boundary, (ptrdiff_t)(cell % width) + dx, width);
            const bool nowhere = row == NCA__NOWHERE || column == NCA__NOWHERE;
            if (nowhere ? 0.0f > automaton->alive_threshold
                        : is_over(automaton, state, row * width + column)) {
                return true;
            }
        }
    }
    return false;
}

/* Dead, alive through a neighbour, over the threshold. */
static nca_colour alive_colour(unsigned level)
{
    return nca__cell_colour((double)level, 2.0, false);
}

static nca_colour cell_view(const nca_view *view, const nca_automaton *automaton,
                            const float *state, const float *before, size_t height, size_t width,
                            size_t cell)
{
    const size_t channels = automaton->channels;
    if (view->kind == NCA_VIEW_ALPHA) {
        return nca__cell_colour((double)state[cell * channels + ALPHA], 1.0, false);
    }
    if (view->kind == NCA_VIEW_ALIVE) {
        return alive_colour(is_over(automaton, state, cell)                   ? 2
                            : is_alive(automaton, state, height, width, cell) ? 1
                                                                              : 0);
    }
    double change = before != NULL
                        ? cell_change(state + cell * channels, before + cell * channels, channels)
                        : 0.0;
    return nca__cell_colour(change, view->end, false);
}

/* Whether any pixel differs from the background so much that it can be seen. */
static bool is_seen(const nca_image *image, nca_colour background)
{
    const int behind[3] = {background.r, background.g, background.b};
    for (size_t i = 0; i < image->width * image->height; i++) {
        for (size_t c = 0; c < 3; c++) {
            if (abs((int)image->pixels[4 * i + c] - behind[c]) >= least_contrast) {
                return true;
            }
        }
    }
    return false;
}

/* The seed is one black cell, which would be invisible on black: if nothing is visible although
 * cells are opaque, the neighbouring cells are drawn as an outline. */
static void outline_unseen(nca_image *image, const nca_view *view, const nca_automaton *automaton,
                           const float *state)
{
    const size_t channels = automaton->channels, width = image->width, height = image->height;
    const float least_alpha = 0.1f;
    if (is_seen(image, view->background)) {
        return;
    }
    for (size_t cell = 0; cell < height * width; cell++) {
        bool beside = false;
        for (size_t i = 0; i < 9; i++) {
            /* Counted from 1, so that nothing is negative. */
            size_t y = cell / width + i / 3, x = cell % width + i % 3;
            beside |= y >= 1 && y <= height && x >= 1 && x <= width &&
                      state[((y - 1) * width + x - 1) * channels + ALPHA] > least_alpha;
        }
        if (beside && !(state[cell * channels + ALPHA] > least_alpha)) {
            set_pixel(image, cell % width, cell / width, outline_colour);
        }
    }
}

nca_status nca_view_picture(nca_image **out_image, const nca_view *view,
                            const nca_automaton *automaton, const float *state, const float *before,
                            size_t height, size_t width, nca_error *error)
{
    assert(out_image != NULL && state != NULL);
    size_t rows, columns;
    nca_image *image = NULL;
    nca_status status = nca_view_check(view, automaton, error);
    if (status == NCA_OK) {
        nca_view_size(&rows, &columns, view, automaton, height, width);
        status = nca_image_create(&image, columns, rows, error);
    }
    if (status != NCA_OK) {
        return status;
    }
    bool tiled = view->kind == NCA_VIEW_HIDDEN || view->kind == NCA_VIEW_CHANNEL ||
                 view->kind == NCA_VIEW_MOSAIC;
    if (tiled) {
        draw_tiles(image, view, automaton, state, height, width);
    } else if (view->kind == NCA_VIEW_FILTER) {
        draw_filter(image, view, automaton, state, height, width);
    }
    const bool whole = tiled || view->kind == NCA_VIEW_FILTER;
    for (size_t cell = 0; !whole && cell < height * width; cell++) {
        if (view->kind == NCA_VIEW_RGBA) {
            nca__cell_rgba(image->pixels + 4 * cell, state + cell * automaton->channels,
                           view->background);
        } else {
            set_pixel(image, cell % width, cell / width,
                      cell_view(view, automaton, state, before, height, width, cell));
        }
    }
    if (view->kind == NCA_VIEW_RGBA) {
        outline_unseen(image, view, automaton, state);
    }
    *out_image = image;
    return NCA_OK;
}

/* ---- What the colours mean -------------------------------------------------------------------*/

/* "sobel x of channel 3", "learned filter 2, L2 norm over channels". */
static void label_filter(nca_legend *legend, const nca_view *view, const nca_automaton *automaton)
{
    char name[32];
    if (automaton->filter == NCA_FILTER_LEARNED) {
        snprintf(name, sizeof name, "learned filter %u", (unsigned)view->filter);
    } else {
        snprintf(name, sizeof name, "%s %s", nca_filter_name(automaton->filter),
                 view->filter == 1 ? "x" : "y");
    }
    if (view->channel == NCA_VIEW_ALL_CHANNELS) {
        snprintf(legend->label, sizeof legend->label, "%s, L2 norm over channels", name);
    } else {
        snprintf(legend->label, sizeof legend->label, "%s of channel %u", name,
                 (unsigned)view->channel);
    }
}

static void label_legend(nca_legend *legend, const nca_view *view, const nca_automaton *automaton)
{
    const unsigned last = automaton->channels - 1;
    switch (view->kind) {
    case NCA_VIEW_ALPHA:
        snprintf(legend->label, sizeof legend->label, "alpha");
        break;
    case NCA_VIEW_HIDDEN:
        snprintf(legend->label, sizeof legend->label, "hidden channels %d to %u, row by row",
                 HIDDEN_FROM, last);
        break;
    case NCA_VIEW_MOSAIC:
        snprintf(legend->label, sizeof legend->label, "channels 0 to %u, row by row", last);
        break;
    case NCA_VIEW_CHANNEL:
        snprintf(legend->label, sizeof legend->label, "channel %u", (unsigned)view->channel);
        break;
    case NCA_VIEW_FILTER:
        label_filter(legend, view, automaton);
        break;
    case NCA_VIEW_UPDATE:
    case NCA_VIEW_RGBA: /* these two have other legends */
    case NCA_VIEW_ALIVE:
    case NCA_VIEW_COUNT:
        snprintf(legend->label, sizeof legend->label, "change per step, L2 norm over channels");
        break;
    }
}

bool nca_view_legend(nca_legend *out_legend, const nca_view *view, const nca_automaton *automaton)
{
    static const char *const alive_names[] = {"dead", "next to a cell above the threshold",
                                              "above the threshold"};
    memset(out_legend, 0, sizeof *out_legend);
    if (view->kind == NCA_VIEW_RGBA) {
        return false;
    }
    if (view->kind == NCA_VIEW_ALIVE) {
        out_legend->swatches = sizeof alive_names / sizeof *alive_names;
        for (unsigned i = 0; i < out_legend->swatches; i++) {
            out_legend->colours[i] = alive_colour(i);
            out_legend->names[i] = alive_names[i];
        }
        return true;
    }
    label_legend(out_legend, view, automaton);
    out_legend->is_open = nca_view_is_measured(view);
    out_legend->is_signed = nca_view_is_signed(view);
    out_legend->end = view->kind == NCA_VIEW_ALPHA ? 1.0 : view->end;
    return true;
}
