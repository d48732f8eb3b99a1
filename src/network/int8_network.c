/* The update network of a chunk in int8: perception in fp32, then both dense layers in int8.
 * Forward only. */
#include "core/carve.h"
#include "kernels/table.h"
#include "network/int8_weights.h"
#include "network/network.h"

typedef struct scratch {
    float *v;         /* (NCA_INT8_GROUP, Nq) values of the hidden layer */
    uint8_t *p_bytes; /* (NCA__CHUNK, K*Cp) perception... */
    float *p_scales;  /* (NCA__CHUNK) ...and its scales */
    uint8_t *h_bytes; /* (NCA__CHUNK, Nq) hidden layer... */
    float *h_scales;  /* (NCA__CHUNK) ...and its scales */
} scratch;

static scratch scratch_carve(uintptr_t *cursor, const nca__shape *shape)
{
    const size_t units = nca__int8_units(shape);
    return (scratch){
        .v = nca__carve(cursor, NCA_INT8_GROUP * units * sizeof(float)),
        .p_bytes = nca__carve(cursor, NCA__CHUNK * shape->inputs),
        .p_scales = nca__carve(cursor, NCA__CHUNK * sizeof(float)),
        .h_bytes = nca__carve(cursor, NCA__CHUNK * units),
        .h_scales = nca__carve(cursor, NCA__CHUNK * sizeof(float)),
    };
}

static const void *form(const nca_kernels *kernels)
{
    return nca__int8_for(kernels);
}

static size_t scratch_bytes(const nca__shape *shape)
{
    uintptr_t cursor = 0;
    scratch_carve(&cursor, shape);
    return (size_t)cursor;
}

static void pack(void *weights, const nca__shape *shape, const float *flat,
                 const nca_automaton *automaton, const void *unused)
{
    (void)unused;
    nca__int8_weights to = nca__int8_weights_carve(weights, shape);
    nca__int8_weights_pack(&to, shape, flat, automaton);
}

static void forward(const nca__network_job *job)
{
    const nca__shape *shape = job->shape;
    const nca__int8_kernels *kernels = job->form;
    const nca__int8_weights weights = nca__int8_weights_carve(job->weights, shape);
    const size_t units = nca__int8_units(shape);
    const size_t rows = nca__network_rows(job);
    uintptr_t cursor = (uintptr_t)job->scratch;
    const scratch own = scratch_carve(&cursor, shape);
    nca__int8_quantise quantise = {
        .q = own.p_bytes,
        .scale = own.p_scales,
        .p = job->p,
        .p_stride = shape->inputs,
        .rows = rows,
        .depth = shape->inputs,
    };
    kernels->quantise(&quantise);
    nca__int8_hidden hidden = {
        .h = own.h_bytes,
        .h_scale = own.h_scales,
        .p = own.p_bytes,
        .p_scale = own.p_scales,
        .layer = &weights.hidden,
        .v = own.v,
        .rows = rows,
        .depth = shape->inputs,
        .units = units,
    };
    nca__lap(job->watch, NCA_PART_HIDDEN);
    kernels->hidden(&hidden);
    nca__int8_output output = {
        .out = job->dx,
        .h = own.h_bytes,
        .h_scale = own.h_scales,
        .layer = &weights.output,
        .rows = rows,
        .depth = units,
        .columns = shape->padded_channels,
    };
    nca__lap(job->watch, NCA_PART_OUTPUT);
    kernels->output(&output);
}

/* Without fast kernels the definition is used; the scalar set always uses it. */
static const char *missing(const nca_kernels *kernels)
{
    if (kernels == &nca__kernels_scalar) {
        return NULL;
    }
    const char *lacking = "int8 kernels";
    for (const nca__int8_kernels *own = kernels->int8; own != NULL && lacking != NULL;
         own = own->otherwise) {
        lacking = own->missing();
    }
    return lacking;
}

const nca__network nca__network_int8 = {
    .name = "int8",
    .missing = missing,
    .form = form,
    .weights_bytes = nca__int8_weights_bytes,
    .scratch_bytes = scratch_bytes,
    .pack = pack,
    .forward = forward,
};
