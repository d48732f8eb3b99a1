/* See shuffle.h. */
#include "core/shuffle.h"

void nca__shuffle_by(uint32_t *order, size_t count, uint64_t seed, nca_stream stream,
                     uint32_t iteration)
{
    uint32_t words[4], draw = 0;
    for (size_t i = 0; i < count; i++) {
        order[i] = (uint32_t)i;
    }
    for (size_t i = count - 1; i > 0; i--, draw++) {
        if (draw % 4 == 0) {
            nca_draw(words, seed, stream, draw / 4, 0, 0, iteration);
        }
        const size_t other = nca_below(words[draw % 4], (uint32_t)i + 1);
        const uint32_t kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
}

void nca__shuffle(uint32_t *order, size_t count, uint64_t seed, uint32_t epoch)
{
    nca__shuffle_by(order, count, seed, NCA_STREAM_SHUFFLE, epoch);
}
