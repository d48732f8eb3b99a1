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

/* The format follows the path's extension: .gif, .mp4 or .webm. All frames are width x height
 * pixels; fps is in (0, 100]. GIF durations are whole hundredths of a second, chosen so that
 * rounding errors do not add up.
 * Errors: NCA_UNSUPPORTED (ffmpeg is needed but missing, with what to install; giflib is not
 * installed), NCA_INVALID_ARGUMENT (another extension, no pixels, an fps out of range), NCA_LIMIT
 * (a side is too long for a GIF), NCA_NOT_FOUND and NCA_IO (the file cannot be written),
 * NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_animation_open(nca_animation **out_animation, const char *path, size_t width,
                                      size_t height, double fps, nca_error *error);
/* Appends one opaque frame, which is copied. Errors: NCA_INVALID_ARGUMENT (a frame of another
 * size), NCA_IO, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_animation_add(nca_animation *animation, const nca_image *frame,
                                     nca_error *error);
/* Shows the last added frame for `seconds` longer than the others, in GIFs and videos. Errors:
 * NCA_INVALID_ARGUMENT (no frame yet, negative or not finite seconds), NCA_IO. */
NCA_API nca_status nca_animation_hold(nca_animation *animation, double seconds, nca_error *error);
/* Completes the file and moves it to its path; on failure no file is written. Errors:
 * NCA_INVALID_ARGUMENT (no frame), NCA_NOT_FOUND, NCA_IO, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_animation_commit(nca_animation *animation, nca_error *error);
/* Releases the object and, unless it was committed, its temporary file. Accepts NULL. */
NCA_API void nca_animation_destroy(nca_animation *animation);

#ifdef __cplusplus
}
#endif
#endif
