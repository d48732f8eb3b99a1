/* Writing models as ONNX files, which other runtimes and viewers read (onnxruntime, Netron, drivers
 * of accelerators). The graph has the operators of opset 13 and 32-bit floats; its sums have
 * another order than here, so results agree to rounding, not to the bit. docs/onnx.md describes the
 * inputs and outputs.
 *
 * In the names of shapes: B batch, H height, W width, C channels, I input channels, T steps, M
 * classes. Grids are (B,C,H,W) there, channels first, as such runtimes expect. */
#ifndef NCA_ONNX_H
#define NCA_ONNX_H

#include <stdbool.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/model.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the graph computes. B, H, W and T are chosen when it is run. Fire masks are inputs (bool):
 * true where a cell updates. */
typedef enum nca_onnx_form {
    NCA_ONNX_STEP,    /* state (B,C,H,W), fire (B,1,H,W) -> next_state (B,C,H,W) */
    NCA_ONNX_ROLLOUT, /* state (B,C,H,W), fire (T,B,1,H,W) -> final_state (B,C,H,W): a loop of T
                         steps. Of a classifier: image (B,I,H,W), values 0 to 1, instead of state */
    NCA_ONNX_FORM_COUNT
} nca_onnx_form;

/* Writes the file whole or not at all. In both forms a classifier has two more outputs, read out of
 * the state after the last step: scores (B,M) and probabilities (B,M). The file also has the texts
 * of a model file as its metadata (docs/file-formats.md). The same model gives the same bytes.
 * Errors: NCA_INVALID_ARGUMENT (a form that is not known, values that are not finite, an invalid
 * model), NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_onnx_save(const nca_model *model, const char *path, nca_onnx_form form,
                                 nca_error *error);

/* Whether the path has the extension of ONNX files: .onnx. */
NCA_API bool nca_onnx_has_ending(const char *path);

#ifdef __cplusplus
}
#endif
#endif
