/* Muon: an optimiser that makes the momentum of matrices orthogonal before it is applied.
 * Freestanding; every kernel set gives the same bits. */
#ifndef NCA_MUON_H
#define NCA_MUON_H

#include <stddef.h>

#include "nca/automaton.h"
#include "nca/export.h"
#include "nca/kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Number of floats of scratch memory that nca_muon_update needs; 64-byte aligned memory is
 * fastest. */
NCA_API size_t nca_muon_scratch(const nca_automaton *automaton);

/* One update of all parameters (Jordan et al., "Muon: an optimizer for hidden layers in neural
 * networks", 2024, https://kellerjordan.github.io/posts/muon/). For each tensor (rows, columns):
 *   m = m + (1-momentum)(g - m)      u = g + momentum (m - g)
 *   theta -= rate * sqrt(max(rows, columns)) * nca_orthogonalise(u)
 * The factor makes the mean square of a weight's change rate^2, as with Adam. A bias is treated as
 * a matrix of one column: its u is divided by its norm. All learned taps together are also treated
 * as one column: each channel has its own taps, so they do not form a linear map that could be made
 * orthogonal. If u is 0, theta does not change. `parameters`, `m` and `gradient` have the layout of
 * nca/automaton.h; m starts as zeros. */
NCA_API void nca_muon_update(float *parameters, float *m, const float *gradient,
                             const nca_automaton *automaton, float momentum, float rate,
                             float *scratch, const nca_kernels *kernels);

/* Replaces `matrix` (rows, columns), row-major, by an approximation of the orthogonal factor U V'
 * of its singular value decomposition U S V': singular values above about a hundredth of the norm
 * become 0.68 to 1.14, smaller ones stay below. Five steps of X <- a X + (b XX' + c (XX')^2) X from
 * X = matrix / norm, with Jordan's coefficients. A zero matrix does not change. `scratch`:
 * nca_muon_scratch floats for an automaton whose w1 or w2 has this shape. */
NCA_API void nca_orthogonalise(float *matrix, size_t rows, size_t columns, float *scratch,
                               const nca_kernels *kernels);

#ifdef __cplusplus
}
#endif
#endif
