/* The kinds of views: their names, parsing of a view from text, and the views that an automaton
 * has. */
#include "nca/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "render/view_values.h"

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

/* Reads a number of at most four digits at *at, and advances *at past it. */
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

/* The text after "NAME="; NULL if it does not begin with that. */
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
    if (view->kind == NCA_VIEW_HIDDEN && channels <= NCA__HIDDEN_FROM) {
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
