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

void nca__marks_near(uint8_t *out, const nca__layout *layout, const uint8_t *marks, size_t row,
                     size_t reach)
{
    const uint8_t *line = marks + nca__mark_at(layout, row, 0);
    size_t stride = layout->mark_stride;
    for (size_t column = 0; column < layout->width; column++) {
        out[column] = 0;
    }
    for (size_t i = 0; i <= 2 * reach; i++) {
        const uint8_t *near = line + i * stride - reach * stride - reach;
        for (size_t column = 0; column < layout->width; column++) {
            uint8_t any = 0;
            for (size_t k = 0; k <= 2 * reach; k++) {
                any |= near[column + k];
            }
            out[column] |= any;
        }
    }
}
