/* Animations: GIF by this library, MP4 and WebM through the ffmpeg program. */
#ifndef NCA_ANIMATION_H
#define NCA_ANIMATION_H

#include <stddef.h>

#include "nca/export.h"
#include "nca/image.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Used by one thread at a time; different objects are independent of each other. */
typedef struct nca_animation nca_animation;

/* The format follows the path's ending: .gif, .mp4, .webm. All frames are width x height, fps in
 * (0, 100]; GIF times are hundredths of a second, spread so that no drift adds up. NCA_UNSUPPORTED
 * with what to install when ffmpeg is needed and missing.
 * Other errors: NCA_UNSUPPORTED also where giflib is not installed, NCA_INVALID_ARGUMENT (another
 * ending, no pixels, an fps out of range), NCA_LIMIT (a GIF with a side that is too long),
 * NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_animation_open(nca_animation **out_animation, const char *path, size_t width,
                                      size_t height, double fps, nca_error *error);
/* Appends one opaque frame; it is copied. Errors: NCA_INVALID_ARGUMENT (a frame of another size),
 * NCA_IO, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_animation_add(nca_animation *animation, const nca_image *frame,
                                     nca_error *error);
/* How long the last added frame stays, in seconds, on top of its turn; GIF and video alike.
 * Errors: NCA_INVALID_ARGUMENT (no frame yet, seconds that are negative or not finite), NCA_IO. */
NCA_API nca_status nca_animation_hold(nca_animation *animation, double seconds, nca_error *error);
/* Makes the file appear, whole or not at all. Errors: NCA_INVALID_ARGUMENT (no frame),
 * NCA_NOT_FOUND, NCA_IO, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_animation_commit(nca_animation *animation, nca_error *error);
/* Releases the object; without a commit before, nothing stays on the disk. Accepts NULL. */
NCA_API void nca_animation_destroy(nca_animation *animation);

#ifdef __cplusplus
}
#endif
#endif
