/* The list of an automaton's parameter tensors. Code that iterates over it must not assume a number
 * of tensors. A new tensor needs a row here, its use in the arithmetic, and a field in
 * nca_parameters. */
#include "nca/automaton.h"

/* Shape and initialisation of a tensor. */
typedef struct row {
    const char *name;
    size_t rank;  /* number of dimensions in files */
    bool matrix;  /* a linear map from inputs (columns) to outputs (rows) */
    bool drawn;   /* random initial values in both initialisations */
    bool uniform; /* random initial values only in the uniform one; with neither flag they are 0 */
    bool taps;    /* taps of learned filters: initialised by nca_taps_init */
    void (*shape)(size_t *out_rows, size_t *out_columns, const nca_automaton *automaton);
} row;

static void shape_w1(size_t *out_rows, size_t *out_columns, const nca_automaton *automaton)
{
    *out_rows = automaton->hidden;
    *out_columns = nca_perception_maps(automaton) * automaton->channels;
}

static void shape_b1(size_t *out_rows, size_t *out_columns, const nca_automaton *automaton)
{
    *out_rows = automaton->hidden;
    *out_columns = 1;
}

/* Number of channels that the network updates. */
static size_t outputs(const nca_automaton *automaton)
{
    return automaton->channels - automaton->input_channels;
}

static void shape_w2(size_t *out_rows, size_t *out_columns, const nca_automaton *automaton)
{
    *out_rows = outputs(automaton);
    *out_columns = automaton->hidden;
}

static void shape_b2(size_t *out_rows, size_t *out_columns, const nca_automaton *automaton)
{
    *out_rows = automaton->output_bias ? outputs(automaton) : 0;
    *out_columns = 1;
}

static void shape_taps(size_t *out_rows, size_t *out_columns, const nca_automaton *automaton)
{
    const bool learned = automaton->filter == NCA_FILTER_LEARNED;
    *out_rows = learned ? 9 * (size_t)automaton->filter_count : 0;
    *out_columns = automaton->channels;
}

/* The taps are last, so that the other tensors have the same place in every automaton. */
static const row rows[] = {
    {"update.w1", .rank = 2, .matrix = true, .drawn = true, .shape = shape_w1},
    {"update.b1", .rank = 1, .uniform = true, .shape = shape_b1},
    {"update.w2", .rank = 2, .matrix = true, .shape = shape_w2},
    {"update.b2", .rank = 1, .shape = shape_b2},
    {"perception.taps", .rank = 2, .taps = true, .shape = shape_taps},
};

enum {
    ROWS = sizeof rows / sizeof rows[0]
};

_Static_assert((int)ROWS <= (int)NCA_MAX_TENSORS, "rows");

size_t nca_tensor_count(const nca_automaton *automaton)
{
    return automaton->filter == NCA_FILTER_LEARNED ? ROWS : ROWS - 1;
}

/* The bounds of the initial values of the network's first layer, which has `inputs` inputs and
 * `hidden` units. */
static void fill_bounds(nca_tensor *tensor, const row *own, const nca_automaton *automaton)
{
    const double inputs = (double)(nca_perception_maps(automaton) * automaton->channels);
    const double hidden = (double)automaton->hidden;
    if (own->taps) {
        for (int i = 0; i < NCA_INITIALISATION_COUNT; i++) {
            tensor->bound[i] = 1.0f / 3.0f; /* 1/sqrt(9): nine inputs */
        }
    }
    if (own->drawn) {
        tensor->bound[NCA_INITIALISATION_GLOROT] = (float)__builtin_sqrt(6.0 / (inputs + hidden));
    }
    if (own->drawn || own->uniform) {
        tensor->bound[NCA_INITIALISATION_UNIFORM] = (float)__builtin_sqrt(1.0 / inputs);
    }
}

nca_tensor nca_tensor_at(const nca_automaton *automaton, size_t index)
{
    nca_tensor tensor = {0};
    for (size_t i = 0; i < ROWS && i <= index; i++) {
        tensor.offset += tensor.rows * tensor.columns;
        rows[i].shape(&tensor.rows, &tensor.columns, automaton);
    }
    if (index >= nca_tensor_count(automaton)) {
        return (nca_tensor){.offset = tensor.offset + tensor.rows * tensor.columns};
    }
    tensor.name = rows[index].name;
    tensor.rank = rows[index].rank;
    tensor.matrix = rows[index].matrix;
    fill_bounds(&tensor, &rows[index], automaton);
    return tensor;
}

static bool same(const char *a, const char *b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

nca_tensor nca_tensor_named(const nca_automaton *automaton, const char *name)
{
    size_t index = 0;
    while (index < ROWS && !same(rows[index].name, name)) {
        index++;
    }
    return nca_tensor_at(automaton, index);
}

size_t nca_parameter_count(const nca_automaton *automaton)
{
    return nca_tensor_at(automaton, ROWS).offset;
}

nca_parameters nca_parameters_view(float *flat, const nca_automaton *automaton)
{
    float *at[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        const nca_tensor tensor = nca_tensor_at(automaton, i);
        at[i] = tensor.rows > 0 ? flat + tensor.offset : NULL;
    }
    return (nca_parameters){.w1 = at[0], .b1 = at[1], .w2 = at[2], .b2 = at[3], .taps = at[4]};
}
