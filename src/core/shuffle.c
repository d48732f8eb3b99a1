/* See shuffle.h. */
#include "core/shuffle.h"

#include "nca/philox.h"

void nca__shuffle(uint32_t *order, size_t count, uint64_t seed, uint32_t epoch)
{
    uint32_t words[4], draw = 0;
    for (size_t i = 0; i < count; i++) {
        order[i] = (uint32_t)i;
    }
    for (size_t i = count - 1; i > 0; i--, draw++) {
        if (draw % 4 == 0) {
            nca_draw(words, seed, NCA_STREAM_SHUFFLE, draw / 4, 0, 0, epoch);
        }
        const size_t other = nca_below(words[draw % 4], (uint32_t)i + 1);
        const uint32_t kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
}
