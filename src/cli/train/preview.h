/* nca train --preview: pictures of the batch, above the progress line. */
#ifndef NCA_CLI_TRAIN_PREVIEW_H
#define NCA_CLI_TRAIN_PREVIEW_H

#include "cli/cli.h"

typedef struct preview {
    bool on;
    double last;  /* nca_seconds() of the last drawing; 0: never */
    size_t lines; /* number of lines above the progress line */
    nca_view view;
} preview;

/* Draws only if requested and if standard error is a terminal that supports blocks in colour. */
void preview_start(preview *p, bool wanted, const nca_target *target);
/* Draws the first samples of the batch after the last iteration, about twice per second. Returns
 * true if it has drawn, in which case the progress line must be redrawn below. */
bool preview_show(preview *p, const nca_session *session);

#endif
