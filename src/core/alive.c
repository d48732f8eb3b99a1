/* Alive marks and their neighbourhoods. */
#include "core/alive.h"

void nca__mark_row(uint8_t *marks, const nca__layout *layout, const float *plane, size_t row,
                   size_t alive_channel, float threshold)
{
    uint8_t *line = marks + nca__mark_at(layout, row, 0);
    const float *cell = plane + nca__state_at(layout, row, 0) + alive_channel;
    for (size_t column = 0; column < layout->width; column++) {
        line[column] = cell[column * layout->padded_channels] > threshold;
    }
}

/* Both passes are written so that compilers vectorise them: plain bytes, constant offsets, no
 * aliasing. */
void nca__marks_near(uint8_t *restrict out, uint8_t *restrict scratch, const nca__layout *layout,
                     const uint8_t *restrict marks, size_t row, size_t reach)
{
    const uint8_t *line = marks + nca__mark_at(layout, row, 0) - 2;
    const uint8_t *above = line - layout->mark_stride;
    const uint8_t *below = line + layout->mark_stride;
    size_t width = layout->width;
    for (size_t i = 0; i < width + 4; i++) {
        scratch[i] = (uint8_t)(above[i] | line[i] | below[i]);
    }
    if (reach == 1) {
        for (size_t i = 0; i < width; i++) {
            out[i] = (uint8_t)(scratch[i + 1] | scratch[i + 2] | scratch[i + 3]);
        }
        return;
    }
    above -= layout->mark_stride;
    below += layout->mark_stride;
    for (size_t i = 0; i < width + 4; i++) {
        scratch[i] |= (uint8_t)(above[i] | below[i]);
    }
    for (size_t i = 0; i < width; i++) {
        out[i] = (uint8_t)(scratch[i] | scratch[i + 1] | scratch[i + 2] | scratch[i + 3] |
                           scratch[i + 4]);
    }
}
