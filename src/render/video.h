/* Internal: MP4 and WebM through the ffmpeg program. */
#ifndef NCA_RENDER_VIDEO_H
#define NCA_RENDER_VIDEO_H

#include <stddef.h>
#include <stdint.h>

#include "nca/status.h"

typedef struct nca__video nca__video;

/* Starts ffmpeg; the path's extension selects the format, .mp4 or .webm. NCA_UNSUPPORTED if ffmpeg
 * is not installed. */
nca_status nca__video_open(nca__video **out_video, const char *path, size_t width, size_t height,
                           double fps, nca_error *error);
/* Sends a frame (H,W,4) `times` times, ignoring alpha. */
nca_status nca__video_add(nca__video *video, const uint8_t *rgba, size_t times, nca_error *error);
nca_status nca__video_commit(nca__video *video, nca_error *error);
void nca__video_destroy(nca__video *video); /* accepts NULL */

#endif
