/* The automaton's definition: its settings, its parameters, the seed. Freestanding.
 *
 * Legend for every shape in these headers:
 *   B batch   H height   W width   C channels   K perception maps   N hidden width   T steps
 *
 * One step, for every cell of a grid x (H,W,C) (Mordvintsev et al., "Growing Neural Cellular
 * Automata", Distill 2020, https://distill.pub/2020/growing-ca/):
 *
 *   pre   = any of the 3x3 neighbourhood has x[alive_channel] > alive_threshold
 *   p     = [x, filter_1(x), ..., filter_K-1(x)]           perception, index k*C + c
 *   h     = relu(W1 p + b1)
 *   dx    = W2 h + b2
 *   fire  = u < fire_rate                                  one u per cell per step
 *   y     = x + step_size * dx    where the cell fires, else x
 *   post  = the same test as pre, on y
 *   x'    = y where pre and post, else 0
 *
 * Input channels are frozen: their x' is x in every cell, including dead cells. dx has only the
 * other channels, so W2 is (C - input_channels, N). They have no update, so no gradient flows
 * through one.
 *
 * Every sum is a chain of fused multiply-adds in ascending index order, so that each kernel set
 * gives the same bits; docs/determinism.md has the details. */
#ifndef NCA_AUTOMATON_H
#define NCA_AUTOMATON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The x form of each fixed filter and its scale; the y form is the transpose. The filter is the
 * same for all channels.
 *   sobel     [-1 0 1; -2 0 2; -1 0 1] / 8        scharr [-3 0 3; -10 0 10; -3 0 3] / 16
 *   gaussian  [ 1 2 1;  2 4 2;  1 2 1] / 16       mean   [ 1 1 1;   1 1  1;  1 1 1] / 9
 *   laplacian [ 0 1 0;  1 -4 1; 0 1 0] / 8
 * Learned filters are parameters: filter_count maps in addition to identity. In each map, every
 * channel has its own nine taps (a depthwise 3x3 convolution). */
typedef enum nca_filter {
    NCA_FILTER_SOBEL,
    NCA_FILTER_SCHARR,
    NCA_FILTER_GAUSSIAN,
    NCA_FILTER_LAPLACIAN,
    NCA_FILTER_MEAN,
    NCA_FILTER_LEARNED,
    NCA_FILTER_COUNT
} nca_filter;

typedef enum nca_boundary {
    NCA_BOUNDARY_ZERO,      /* cells outside the grid are 0 */
    NCA_BOUNDARY_CIRCULAR,  /* the grid is a torus */
    NCA_BOUNDARY_REFLECT,   /* mirrored at the edge cells: -1 is 1; a side of one cell repeats it */
    NCA_BOUNDARY_REPLICATE, /* the edge cells are repeated: -1 is 0 */
    NCA_BOUNDARY_COUNT
} nca_boundary;

enum {
    NCA_MAX_FILTERS = 8,  /* maximum number of learned maps, not counting identity */
    NCA_MAX_MAPS = 9,     /* maximum K */
    NCA_MIN_CHANNELS = 4, /* RGBA */
    NCA_MAX_CHANNELS = 1024,
    NCA_MAX_HIDDEN = 16384,
    NCA_MAX_HEAD = 1024,        /* inputs and outputs of a head */
    NCA_MAX_SIDE = 16384,       /* cells along one side of a grid */
    NCA_MAX_TENSORS = 16,       /* maximum number of parameter tensors */
    NCA_MODEL_DIGEST_SIZE = 17, /* 16 hexadecimal digits and the final zero */
};

typedef struct nca_automaton {
    uint32_t channels; /* C: 0-2 premultiplied RGB, 3 alpha, the rest hidden */
    uint32_t hidden;   /* N */
    nca_filter filter;
    uint32_t filter_count; /* learned maps, 1 to 8, without identity; fixed filters ignore it */
    nca_boundary boundary;
    float angle_radians;   /* steers sobel and scharr: x' = c fx - s fy, y' = s fx + c fy; 0 with
                              learned filters */
    float fire_rate;       /* (0, 1] */
    float step_size;       /* finite */
    int32_t alive_channel; /* 0..C-1, or -1: no alive masking */
    float alive_threshold;
    bool output_bias;        /* whether b2 exists */
    uint32_t input_channels; /* the first ones: perceived, but never written; less than C */
    /* A dense layer that a task applies to what it reads out of a final state: 0 and 0 without,
     * else 1 to NCA_MAX_HEAD each. No step reads it. */
    uint32_t head_inputs, head_outputs;
    uint64_t reserved[NCA_RESERVED]; /* 0: room for later fields (nca/export.h) */
} nca_automaton;

/* C 16, N 128, sobel (learned: two filters), zero boundary, angle 0, fire rate 0.5, step size 1,
 * alive (3, 0.1), b2, no input channels, no head. */
NCA_API void nca_automaton_default(nca_automaton *out);

/* NULL if every field is valid, else a static sentence that names the field and its range. */
NCA_API const char *nca_automaton_problem(const nca_automaton *automaton);

/* The names used in files and options ("sobel", "circular"); NULL beyond the last. */
NCA_API const char *nca_filter_name(nca_filter filter);
NCA_API const char *nca_boundary_name(nca_boundary boundary);

/* The divisor of a fixed filter's integer taps: 8 for sobel ...; 1 for learned filters. */
NCA_API double nca_filter_divisor(nca_filter filter);

/* K, the number of perception maps of each channel: identity and filter x and y (3), or identity
 * and filter_count learned filters. */
NCA_API size_t nca_perception_maps(const nca_automaton *automaton);

/* The two fixed 3x3 filters in effect, row-major, with angle and scale applied; 0 with learned
 * filters. */
NCA_API void nca_automaton_filters(float out_x[9], float out_y[9], const nca_automaton *automaton);

/* ---- Parameters ------------------------------------------------------------------------------
 * One flat float array holds them all, tensor after tensor of the automaton's list:
 *   update.w1 (N, K*C)   update.b1 (N)   update.w2 (O, N)   update.b2 (O), 0 rows without
 * output_bias, where O = C - input_channels: row r is of channel input_channels + r; and with
 * learned filters
 *   perception.taps (filter_count*9, C): row 9*f + t is tap t, row-major in 3x3, of filter f
 * and with a head
 *   head.w (head_outputs, head_inputs)   head.b (head_outputs)
 * Gradients and Adam moments use the same layout. */
NCA_API size_t nca_parameter_count(const nca_automaton *automaton);

typedef enum nca_initialisation {
    NCA_INITIALISATION_GLOROT,  /* W1 uniform +-sqrt(6/(K*C + N)), b1 = 0; the head likewise */
    NCA_INITIALISATION_UNIFORM, /* W1 and b1 uniform +-1/sqrt(K*C) (PyTorch's Conv2d), the head with
                                   head_inputs (its Linear) */
    NCA_INITIALISATION_COUNT
} nca_initialisation;

NCA_API const char *nca_initialisation_name(nca_initialisation initialisation);

/* The initial values of learned filters. */
typedef enum nca_filter_initialisation {
    NCA_FILTER_INITIALISATION_FIXED,   /* sobel x, sobel y, laplacian, gaussian; uniform from the
                                          fifth on */
    NCA_FILTER_INITIALISATION_UNIFORM, /* uniform +-1/3 (PyTorch's depthwise 3x3 Conv2d) */
    NCA_FILTER_INITIALISATION_COUNT
} nca_filter_initialisation;

NCA_API const char *nca_filter_initialisation_name(nca_filter_initialisation initialisation);

/* A parameter tensor. */
typedef struct nca_tensor {
    const char *name;     /* "update.w1" ...: its name in files */
    const char *column;   /* "w1", "taps", "head_w" ...: its name in tables and plots */
    size_t rows, columns; /* 0 rows: the automaton does without it. Columns are 1 for a vector */
    size_t rank;          /* dimensions in files: 2, or 1 for a vector */
    bool matrix;          /* a linear map from columns to rows; else a list of values */
    size_t offset;        /* where it starts in the flat array */
    /* Initial values are uniform in [-bound, bound], for each initialisation; 0: all are 0. */
    float bound[NCA_INITIALISATION_COUNT];
} nca_tensor;

/* The number of tensors, at most NCA_MAX_TENSORS, and the tensor of an index. An index beyond the
 * last gives a tensor without a name and rows, whose offset is the end of the flat array. */
NCA_API size_t nca_tensor_count(const nca_automaton *automaton);
NCA_API nca_tensor nca_tensor_at(const nca_automaton *automaton, size_t index);
/* The tensor of that name; without a name and rows if the list does not have it. */
NCA_API nca_tensor nca_tensor_named(const nca_automaton *automaton, const char *name);

/* Pointers to the tensors in a flat array; nothing is copied. */
typedef struct nca_parameters {
    float *w1, *b1, *w2, *b2; /* b2 is NULL without output_bias */
    float *taps;              /* NULL without learned filters */
    float *head_w, *head_b;   /* NULL without a head */
} nca_parameters;
NCA_API nca_parameters nca_parameters_view(float *flat, const nca_automaton *automaton);

/* Fills the flat array. W2 and b2 are 0, so the first step changes nothing. The random numbers are
 * those of stream NCA_STREAM_WEIGHTS (nca/philox.h) with the given seed. */
NCA_API void nca_parameters_init(float *flat, const nca_automaton *automaton,
                                 nca_initialisation initialisation, uint64_t seed);

/* Fills only the taps of learned filters, which nca_parameters_init fills as
 * NCA_FILTER_INITIALISATION_FIXED. Does nothing without learned filters. */
NCA_API void nca_taps_init(float *flat, const nca_automaton *automaton,
                           nca_filter_initialisation initialisation, uint64_t seed);

/* The seed grid (H,W,C): channels 3.. of the cell at (H/2, W/2) are 1, everything else is 0. */
NCA_API void nca_seed(float *grid, size_t height, size_t width, size_t channels);

#ifdef __cplusplus
}
#endif
#endif
