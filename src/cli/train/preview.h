/* nca train --preview: what the batch looks like, above the progress line. */
#ifndef NCA_CLI_TRAIN_PREVIEW_H
#define NCA_CLI_TRAIN_PREVIEW_H

#include "cli/cli.h"

typedef struct preview {
    bool on;
    double last;  /* nca_seconds() when it was drawn; 0: never */
    size_t lines; /* that it takes up above the progress line */
    nca_view view;
} preview;

/* Draws only if requested and if standard error is a terminal that shows blocks in colour. */
void preview_start(preview *p, bool wanted, const nca_target *target);
/* Draws the first samples of the batch, as the last iteration left them, if it is time to: about
 * twice a second. True when it has drawn, and the progress line has to be drawn again below. */
bool preview_show(preview *p, const nca_session *session);

#endif
