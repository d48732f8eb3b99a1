/* Legends: the meaning of the colours of a view. */
#include <stdio.h>
#include <string.h>

#include "render/cell_colour.h"
#include "render/view_values.h"

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
                 NCA__HIDDEN_FROM, last);
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
    case NCA_VIEW_RGBA: /* these two have separate legends */
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
            out_legend->colours[i] = nca__alive_colour(i);
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
