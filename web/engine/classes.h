/* The read-out of a classifier for a page: an image becomes a state, a state becomes the class
 * scores of the image and the votes of its cells. A module of its own beside that of engine.h, so
 * that pages of models that grow do not contain it.
 *
 * Fill in the settings, ask for the size, open in a block of memory, fill in the arrays. */
#ifndef NCA_WEB_CLASSES_H
#define NCA_WEB_CLASSES_H

#include <stddef.h>
#include <stdint.h>

/* Of the model and its grid. The layout is shared with web/page/src/readout.js. */
typedef struct nca_web_readout {
    double temperature;
    uint32_t channels, input_channels;
    uint32_t classes, readout, sigmoid; /* nca/classifier.h */
    uint32_t head_inputs, head_outputs; /* 0: no head */
    uint32_t height, width;
    float scale[3], offset[3];
} nca_web_readout;

nca_web_readout *nca_classes_settings(void);
/* Bytes of the arrays with these settings; 0 if they are not valid. */
size_t nca_classes_bytes(void);
/* Places the arrays in a zeroed, 64-byte aligned block. */
void nca_classes_open(void *block);

/* The arrays, written and read by the caller. */
uint8_t *nca_classes_image(void);        /* (H,W,input_channels) */
float *nca_classes_state(void);          /* (H,W,C) */
float *nca_classes_head(void);           /* head.w (outputs,inputs), then head.b (outputs) */
double *nca_classes_scores(void);        /* (classes) divided by the temperature */
double *nca_classes_probabilities(void); /* (classes) */
uint8_t *nca_classes_votes(void);        /* (H,W,2): a class, and how sure it is, 0 to 255 */

/* The first state of the image: the image in the input channels, 0 in all others. */
void nca_classes_begin(void);
/* Computes the scores and probabilities of the state, as nca_predict does. */
void nca_classes_measure(void);
/* Computes the votes: the class with the highest probability when the scores are read out of this
 * cell alone; of equal ones the first. A vote with the probability 1/classes (a softmax), or 1/2 or less,
 * is not sure at all, one with the probability 1 entirely. */
void nca_classes_vote(void);

#endif
