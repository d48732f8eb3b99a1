/* Internal: the nodes of an automaton's step and of a classifier's read-out. */
#ifndef NCA_ONNX_ONNX_STEP_H
#define NCA_ONNX_ONNX_STEP_H

#include "nca/model.h"
#include "onnx/onnx_graph.h"

/* The names of the values that the nodes read and write. */
#define NCA__ONNX_SCORES        "scores"
#define NCA__ONNX_PROBABILITIES "probabilities"

/* Adds the weights as constants. Errors: NCA_OUT_OF_MEMORY. */
nca_status nca__onnx_weights(nca__onnx *graph, const nca_model *model, nca_error *error);

/* One step: state (B,C,H,W), fire (B,1,H,W) bool -> output (B,C,H,W). */
void nca__onnx_step(nca__onnx *graph, const nca_model *model, const char *state, const char *fire,
                    const char *output);

/* The state (B,C,H,W) of a classifier before the first step, for an image (B,I,H,W) of 0 to 1. */
nca__onnx_name nca__onnx_initial(nca__onnx *graph, const nca_model *model, const char *image);
/* The class scores and probabilities (B,M) of a state. */
void nca__onnx_readout(nca__onnx *graph, const nca_model *model, const char *state);

#endif
