/* The list of an automaton's parameter tensors. Code that iterates over it must not assume a number
 * of tensors. A new tensor needs a row here, its use in the arithmetic, and a field in
 * nca_parameters. */
#include "nca/automaton.h"

/* A tensor: its shape and its initial values. */
typedef struct row {
    const char *name, *column;
    size_t rank;   /* number of dimensions in files */
    bool matrix;   /* a linear map, with the dimensions of its inputs and outputs */
    bool drawn;    /* has random initial values in both initialisations... */
    bool uniform;  /* ...or only in the uniform one; neither: zeros */
    bool taps;     /* of learned filters: the initial values are those of nca_taps_init */
    bool optional; /* not in the list if the automaton has no rows of it */
    void (*shape)(size_t *out_rows, size_t *out_columns, const nca_automaton *automaton);
    /* Inputs and outputs of the layer that it belongs to; NULL if no values are drawn. */
    void (*layer)(size_t *out_inputs, size_t *out_outputs, const nca_automaton *automaton);
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

static void shape_head_w(size_t *out_rows, size_t *out_columns, const nca_automaton *automaton)
{
    *out_rows = automaton->head_outputs;
    *out_columns = automaton->head_inputs;
}

static void shape_head_b(size_t *out_rows, size_t *out_columns, const nca_automaton *automaton)
{
    *out_rows = automaton->head_outputs;
    *out_columns = 1;
}

static void first_layer(size_t *out_inputs, size_t *out_outputs, const nca_automaton *automaton)
{
    shape_w1(out_outputs, out_inputs, automaton);
}

static void head_layer(size_t *out_inputs, size_t *out_outputs, const nca_automaton *automaton)
{
    shape_head_w(out_outputs, out_inputs, automaton);
}

/* The optional ones are last, so that the others have the same place for every automaton. */
static const row rows[] = {
    {"update.w1", "w1", .rank = 2, .matrix = true, .drawn = true, .shape = shape_w1,
     .layer = first_layer},
    {"update.b1", "b1", .rank = 1, .uniform = true, .shape = shape_b1, .layer = first_layer},
    {"update.w2", "w2", .rank = 2, .matrix = true, .shape = shape_w2},
    {"update.b2", "b2", .rank = 1, .shape = shape_b2},
    {"perception.taps", "taps", .rank = 2, .taps = true, .optional = true, .shape = shape_taps},
    {"head.w", "head_w", .rank = 2, .matrix = true, .drawn = true, .optional = true,
     .shape = shape_head_w, .layer = head_layer},
    {"head.b", "head_b", .rank = 1, .uniform = true, .optional = true, .shape = shape_head_b,
     .layer = head_layer},
};

enum {
    ROWS = sizeof rows / sizeof rows[0]
};

_Static_assert((int)ROWS <= (int)NCA_MAX_TENSORS, "rows");

/* Whether the list of the automaton has the row. */
static bool is_listed(const row *own, const nca_automaton *automaton)
{
    size_t count, columns;
    own->shape(&count, &columns, automaton);
    return count > 0 || !own->optional;
}

size_t nca_tensor_count(const nca_automaton *automaton)
{
    size_t count = 0;
    for (size_t i = 0; i < ROWS; i++) {
        count += is_listed(&rows[i], automaton);
    }
    return count;
}

/* The bounds of the initial values. */
static void fill_bounds(nca_tensor *tensor, const row *own, const nca_automaton *automaton)
{
    if (own->taps) {
        for (int i = 0; i < NCA_INITIALISATION_COUNT; i++) {
            tensor->bound[i] = 1.0f / 3.0f; /* 1/sqrt(9): nine inputs */
        }
    }
    if (own->layer == NULL) {
        return;
    }
    size_t inputs, outputs;
    own->layer(&inputs, &outputs, automaton);
    if (own->drawn) {
        tensor->bound[NCA_INITIALISATION_GLOROT] =
            (float)__builtin_sqrt(6.0 / ((double)inputs + (double)outputs));
    }
    tensor->bound[NCA_INITIALISATION_UNIFORM] = (float)__builtin_sqrt(1.0 / (double)inputs);
}

nca_tensor nca_tensor_at(const nca_automaton *automaton, size_t index)
{
    nca_tensor tensor = {0};
    for (size_t i = 0; i < ROWS; i++) {
        if (!is_listed(&rows[i], automaton)) {
            continue;
        }
        rows[i].shape(&tensor.rows, &tensor.columns, automaton);
        if (index == 0) {
            tensor.name = rows[i].name;
            tensor.column = rows[i].column;
            tensor.rank = rows[i].rank;
            tensor.matrix = rows[i].matrix;
            fill_bounds(&tensor, &rows[i], automaton);
            return tensor;
        }
        index--;
        tensor.offset += tensor.rows * tensor.columns;
    }
    return (nca_tensor){.offset = tensor.offset};
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
    nca_tensor tensor = nca_tensor_at(automaton, index);
    while (tensor.name != NULL && !same(tensor.name, name)) {
        tensor = nca_tensor_at(automaton, ++index);
    }
    return tensor;
}

size_t nca_parameter_count(const nca_automaton *automaton)
{
    return nca_tensor_at(automaton, ROWS).offset;
}

nca_parameters nca_parameters_view(float *flat, const nca_automaton *automaton)
{
    nca_parameters view;
    float **const parts[ROWS] = {&view.w1,   &view.b1,     &view.w2,    &view.b2,
                                 &view.taps, &view.head_w, &view.head_b};
    for (size_t i = 0; i < ROWS; i++) {
        size_t count, columns;
        rows[i].shape(&count, &columns, automaton);
        *parts[i] = count > 0 ? flat : NULL;
        flat += count * columns;
    }
    return view;
}
