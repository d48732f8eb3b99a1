/* Internal: the figure that explains the answer for an image, and the frames of an animation. */
#ifndef NCA_RENDER_VOTES_FIGURE_H
#define NCA_RENDER_VOTES_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "nca/image.h"

enum {
    NCA__MOST_PANELS = 8,
    NCA__MOST_LISTED = 14 /* classes in a legend */
};

typedef struct nca__votes_panel {
    const nca_image *picture; /* all of the same size */
    char caption[48];
} nca__votes_panel;

typedef struct nca__votes_figure {
    const char *title, *subtitle;
    nca__votes_panel panels[NCA__MOST_PANELS]; /* the last one is the evidence */
    size_t panel_count;
    const char *evidence_label; /* of its colour bar */
    double evidence_end;
    size_t classes;
    const char *const *names;    /* (classes) */
    const double *probabilities; /* (last+1,classes), after each step */
    size_t last, mark;           /* steps; `mark` is where the answer is read */
} nca__votes_figure;

/* Writes a PNG or SVG. */
nca_status nca__votes_figure_save(const nca__votes_figure *figure, const char *path,
                                  nca_error *error);

typedef struct nca__votes_frame {
    const char *title, *subtitle;
    const nca_image *input, *votes; /* of the same size */
    size_t classes;
    const char *const *names;
    const double *probabilities; /* (classes) */
    const double *ranks;         /* (classes): the classes with the largest are listed */
    size_t step, last, mark;
} nca__votes_frame;

/* An opaque image; frames with the same texts, classes and sizes have the same size. */
nca_status nca__votes_frame_draw(nca_image **out, const nca__votes_frame *frame, nca_error *error);

#endif
