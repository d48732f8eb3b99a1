/* See epochs.h. */
#include "train/epochs.h"

#include <stdlib.h>

#include "core/shuffle.h"

size_t nca__epochs_memory(size_t samples)
{
    return samples > SIZE_MAX / sizeof(uint32_t) ? SIZE_MAX : samples * sizeof(uint32_t);
}

bool nca__epochs_init(nca__epochs *epochs, size_t samples)
{
    *epochs = (nca__epochs){.samples = samples, .epoch = UINT64_MAX};
    epochs->order = calloc(samples, sizeof *epochs->order);
    return epochs->order != NULL;
}

void nca__epochs_free(nca__epochs *epochs)
{
    free(epochs->order);
    *epochs = (nca__epochs){0};
}

void nca__epochs_draw(uint32_t *out_samples, nca__epochs *epochs, uint64_t first, size_t count,
                      uint64_t seed)
{
    for (size_t i = 0; i < count; i++) {
        const uint64_t epoch = (first + i) / epochs->samples;
        if (epoch != epochs->epoch) {
            nca__shuffle(epochs->order, epochs->samples, seed, (uint32_t)epoch);
            epochs->epoch = epoch;
        }
        out_samples[i] = epochs->order[(first + i) % epochs->samples];
    }
}

uint64_t nca__epoch_iterations(size_t samples, size_t batch)
{
    return (samples + batch - 1) / batch;
}
