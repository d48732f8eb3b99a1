/* Internal: animated GIF. */
#ifndef NCA_RENDER_GIF_H
#define NCA_RENDER_GIF_H

#include <stddef.h>
#include <stdint.h>

#include "nca/status.h"

typedef struct nca__gif nca__gif;

nca_status nca__gif_open(nca__gif **out_gif, const char *path, size_t width, size_t height,
                         nca_error *error);
/* Adds a frame (H,W,4), ignoring alpha, that is shown from `time` seconds after the start; times
 * must not decrease. */
nca_status nca__gif_add(nca__gif *gif, const uint8_t *rgba, double time, nca_error *error);
/* Shows the last frame until `end` and writes the file. */
nca_status nca__gif_commit(nca__gif *gif, double end, nca_error *error);
void nca__gif_destroy(nca__gif *gif); /* accepts NULL */

#endif
