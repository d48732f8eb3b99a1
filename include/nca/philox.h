/* Philox4x32-10, the only source of randomness (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", SC'11). Freestanding.
 *
 * A draw is a pure function of a key (the random seed of the run) and a counter. Forward and
 * backward passes, all threads and a resumed run therefore get the same numbers without storing
 * them. The key is (seed's low 32 bits, seed's high 32 bits); the table below shows the layout of
 * the counter. */
/* clang-format off */
/*   word 0            word 1   word 2               word 3      what is drawn
 *                              (top 8 | low 24 bits)
 *   cell / 4          step     FIRE    | sample     iteration   word cell % 4: u of a cell
 *   index / 4         tensor   WEIGHTS | 0          0           word index % 4: a weight
 *   draw / 4          0        POOL    | 0          iteration   word draw % 4: a slot of the batch
 *   0                 0        STEPS   | 0          iteration   word 0: the number of steps T
 *   0                 0        DAMAGE  | sample     iteration   words 0, 1, 2: centre x, y, size
 *                                                               word 3: which of mixed shapes
 *   1, 2, ...         0        DAMAGE  | sample     iteration   words (0, 1), (2, 3): tries for
 *                                                               the normal of a half plane
 *   as the two above  attempt  DAMAGE  | sample     iteration   the same, drawn once more
 *   cell / 4          2^31 + attempt  DAMAGE | sample  iteration   word cell % 4: single cells
 *   draw / 4          0        SHUFFLE | 0          epoch       order of a data set
 *   draw / 4          0        SYNTH.  | split      image       a made-up image
 *   draw / 4          0        SPLIT   | 0          class       which images of a class become val,
 *                                                               test and train
 *   image             0, 1     AUGMENT | 0          epoch       geometry, brightness, contrast
 *   image             2 + i/4  AUGMENT | 0          epoch       noise of value i of an image
 *   image             i/4      CORRUPT | kind       0           noise of value i, loss of pixel i
 */
/* clang-format on */
#ifndef NCA_PHILOX_H
#define NCA_PHILOX_H

#include <stdint.h>

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_stream {
    NCA_STREAM_FIRE = 0,
    NCA_STREAM_WEIGHTS = 1,
    NCA_STREAM_POOL = 2,
    NCA_STREAM_STEPS = 3,
    NCA_STREAM_DAMAGE = 4,
    NCA_STREAM_SHUFFLE = 5,
    NCA_STREAM_SYNTHETIC = 6,
    NCA_STREAM_SPLIT = 7,
    NCA_STREAM_AUGMENT = 8,
    NCA_STREAM_CORRUPT = 9
} nca_stream;

/* The block of four 32-bit words for a counter and a key, ten rounds. */
NCA_API void nca_philox4x32(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

/* The same with the counter built from the fields of the table above; sample < 2^24. */
NCA_API void nca_draw(uint32_t out[4], uint64_t seed, nca_stream stream, uint32_t index,
                      uint32_t word1, uint32_t sample, uint32_t iteration);

/* Converts a word to a float in [0, 1), a multiple of 2^-24: (word >> 8) * 2^-24. */
NCA_API float nca_uniform(uint32_t word);

/* Converts a word to an integer in [0, bound), bound > 0: the upper 32 bits of word * bound. */
NCA_API uint32_t nca_below(uint32_t word, uint32_t bound);

/* A cell fires if (word >> 8) < nca_fire_threshold(fire_rate), which is equivalent to u <
 * fire_rate. */
NCA_API uint32_t nca_fire_threshold(float fire_rate);

#ifdef __cplusplus
}
#endif
#endif
