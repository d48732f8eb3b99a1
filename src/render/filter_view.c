/* What cells perceive through one filter: the perception of the network, in double precision and
 * for any cell. */
#include "render/filter_view.h"

#include <math.h>
#include <string.h>

#include "core/boundary.h"

void nca__filtered_open(nca__filtered *out, const nca_view *view, const nca_automaton *automaton,
                        const float *state, size_t height, size_t width)
{
    *out =
        (nca__filtered){.automaton = automaton, .state = state, .height = height, .width = width};
    if (automaton->filter == NCA_FILTER_LEARNED) {
        const size_t offset = nca_tensor_named(automaton, "perception.taps").offset;
        out->taps = view->parameters + offset + (view->filter - 1) * 9 * automaton->channels;
        return;
    }
    float x[9], y[9];
    nca_automaton_filters(x, y, automaton);
    memcpy(out->fixed, view->filter == 1 ? x : y, sizeof out->fixed);
}

double nca__filtered_channel(const nca__filtered *from, size_t cell, size_t channel)
{
    const nca__boundary *boundary = nca__boundary_of(from->automaton->boundary);
    const size_t channels = from->automaton->channels, width = from->width;
    double sum = 0.0;
    for (size_t i = 0; i < 9; i++) {
        const ptrdiff_t down = (ptrdiff_t)(i / 3) - 1, right = (ptrdiff_t)(i % 3) - 1;
        const size_t row =
            nca__boundary_source(boundary, (ptrdiff_t)(cell / width) + down, from->height);
        const size_t column =
            nca__boundary_source(boundary, (ptrdiff_t)(cell % width) + right, width);
        if (row != NCA__NOWHERE && column != NCA__NOWHERE) {
            const float tap =
                from->taps != NULL ? from->taps[i * channels + channel] : from->fixed[i];
            sum += (double)tap * (double)from->state[(row * width + column) * channels + channel];
        }
    }
    return sum;
}

double nca__filtered_norm(const nca__filtered *from, size_t cell)
{
    double sum = 0.0;
    for (size_t c = 0; c < from->automaton->channels; c++) {
        const double response = nca__filtered_channel(from, cell, c);
        sum += response * response;
    }
    return sqrt(sum);
}
