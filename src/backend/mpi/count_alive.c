/* See count_alive.h. */
#include "backend/mpi/count_alive.h"

#include "core/boundary.h"

typedef struct grid {
    const float *state;
    size_t height, width, channels, alive_channel;
    float threshold;
    const nca__boundary *boundary;
} grid;

/* Whether the cell at a position, which may be outside, is over the threshold. */
static bool is_over(const grid *g, ptrdiff_t row, ptrdiff_t column)
{
    const size_t y = nca__boundary_source(g->boundary, row, g->height);
    const size_t x = nca__boundary_source(g->boundary, column, g->width);
    if (y == NCA__NOWHERE || x == NCA__NOWHERE) {
        return 0.0f > g->threshold;
    }
    return g->state[(y * g->width + x) * g->channels + g->alive_channel] > g->threshold;
}

static bool is_alive(const grid *g, ptrdiff_t row, ptrdiff_t column)
{
    bool alive = false;
    for (ptrdiff_t i = 0; i < 9 && !alive; i++) {
        alive = is_over(g, row + i / 3 - 1, column + i % 3 - 1);
    }
    return alive;
}

size_t nca__count_alive(const float *state, const nca_automaton *automaton, size_t height,
                        size_t width)
{
    if (automaton->alive_channel < 0) {
        return height * width;
    }
    const grid g = {.state = state,
                    .height = height,
                    .width = width,
                    .channels = automaton->channels,
                    .alive_channel = (size_t)automaton->alive_channel,
                    .threshold = automaton->alive_threshold,
                    .boundary = nca__boundary_of(automaton->boundary)};
    size_t count = 0;
    for (size_t row = 0; row < height; row++) {
        for (size_t column = 0; column < width; column++) {
            count += is_alive(&g, (ptrdiff_t)row, (ptrdiff_t)column);
        }
    }
    return count;
}
