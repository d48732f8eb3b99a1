/* Damage: drawing a shape and cutting it out of a grid. Freestanding; knows nothing of pools. */
#include "nca/damage.h"

#include "nca/philox.h"

enum {
    MOST_NORMAL_BLOCKS = 64 /* the chance to need more is below 1e-85 */
};

const char *nca_damage_name(nca_damage_shape shape)
{
    static const char *const names[NCA_DAMAGE_COUNT] = {"circle", "half-plane", "square"};
    return (unsigned)shape < NCA_DAMAGE_COUNT ? names[shape] : (const char *)0;
}

/* A uniform direction without sine and cosine: points of the square are drawn until one falls into
 * the unit circle, then scaled to length 1. Points near 0 lose digits and are passed over. */
static void draw_normal(float *out_x, float *out_y, uint64_t seed, uint32_t sample,
                        uint32_t iteration)
{
    for (uint32_t block = 1; block <= MOST_NORMAL_BLOCKS; block++) {
        uint32_t words[4];
        nca_draw(words, seed, NCA_STREAM_DAMAGE, block, 0, sample, iteration);
        for (int pair = 0; pair < 4; pair += 2) {
            float x = 2.0f * nca_uniform(words[pair]) - 1.0f;
            float y = 2.0f * nca_uniform(words[pair + 1]) - 1.0f;
            float square = x * x + y * y;
            if (square <= 1.0f && square >= 1e-4f) {
                float length = __builtin_sqrtf(square);
                *out_x = x / length;
                *out_y = y / length;
                return;
            }
        }
    }
    *out_x = 1.0f;
    *out_y = 0.0f;
}

nca_damage nca_damage_draw(nca_damage_shape shape, uint64_t seed, uint32_t sample,
                           uint32_t iteration)
{
    uint32_t words[4];
    nca_draw(words, seed, NCA_STREAM_DAMAGE, 0, 0, sample, iteration);
    nca_damage damage = {.shape = shape};
    damage.x = nca_uniform(words[0]) - 0.5f;
    damage.y = nca_uniform(words[1]) - 0.5f;
    damage.size = 0.1f + 0.3f * nca_uniform(words[2]);
    if (shape == NCA_DAMAGE_HALF_PLANE) {
        draw_normal(&damage.nx, &damage.ny, seed, sample, iteration);
    }
    return damage;
}

/* Element `index` of linspace(-1, 1, count) in single precision by torch.linspace's rule: the first
 * half steps up from -1, the second half steps down from 1, so that the coordinates are symmetric
 * and both ends exact. (PyTorch's vectorised loop may differ from its own rule in the last bit.) */
static float coordinate(size_t index, size_t count)
{
    if (count < 2) {
        return -1.0f;
    }
    const float step = 2.0f / (float)(count - 1);
    return index < count / 2 ? -1.0f + step * (float)index
                             : 1.0f - step * (float)(count - 1 - index);
}

static int is_inside(const nca_damage *damage, float x, float y)
{
    const float dx = x - damage->x;
    const float dy = y - damage->y;
    switch (damage->shape) {
    case NCA_DAMAGE_HALF_PLANE:
        return dx * damage->nx + dy * damage->ny > 0.0f;
    case NCA_DAMAGE_SQUARE:
        return __builtin_fabsf(dx) < damage->size && __builtin_fabsf(dy) < damage->size;
    case NCA_DAMAGE_CIRCLE:
        return dx * dx + dy * dy < damage->size * damage->size;
    case NCA_DAMAGE_COUNT:
        break;
    }
    return 0;
}

size_t nca_damage_apply(float *grid, size_t height, size_t width, size_t channels,
                        const nca_damage *damage)
{
    size_t cut = 0;
    for (size_t row = 0; row < height; row++) {
        const float y = coordinate(row, height);
        for (size_t column = 0; column < width; column++) {
            if (!is_inside(damage, coordinate(column, width), y)) {
                continue;
            }
            float *cell = grid + (row * width + column) * channels;
            for (size_t c = 0; c < channels; c++) {
                cell[c] = 0.0f;
            }
            cut++;
        }
    }
    return cut;
}
