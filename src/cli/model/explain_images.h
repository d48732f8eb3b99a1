/* nca predict --explain: a figure of the votes for each image. */
#ifndef NCA_CLI_MODEL_EXPLAIN_IMAGES_H
#define NCA_CLI_MODEL_EXPLAIN_IMAGES_H

#include "cli/model/predict_images.h"

typedef struct explanations {
    const char *folder;
    bool numbered; /* whether names of files begin with the image's number: some would be equal */
    size_t written;
} explanations;

/* Creates the folder, which must not contain an image of the list: a figure might replace it.
 * Returns EXIT_OK, or the exit code after a message. */
int explanations_begin(explanations *out, const char *folder, const image_list *list);
/* Draws the figure of an image (height,width,channels of the model) with its true class if that is
 * known. Errors: those of nca_explain. */
nca_status explanations_draw(explanations *e, const nca_model *model, const image_list *list,
                             size_t index, const uint8_t *pixels, size_t height, size_t width,
                             const nca_prediction_options *options, nca_error *error);

#endif
