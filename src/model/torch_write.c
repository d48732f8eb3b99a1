/* Writing a model as a state dict: the pickle, with the opcodes that torch.save itself uses, and
 * the archive. Members are stored without compression, as PyTorch requires; the bytes depend only
 * on the model. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/zip.h"
#include "model/torch_network.h"
#include "nca/torch.h"

enum {
    PICKLE_ROOM = 4096 /* five tensors need about 1200 bytes */
};

/* A tensor of the file. */
typedef struct entry {
    const char *name;
    const float *values;
    size_t rank, shape[4];
} entry;

/* The tensors in the order of the file, which is that of the layers. */
enum {
    TAPS = 9,
    MOST_ENTRIES = 5
};

typedef struct entries {
    entry list[MOST_ENTRIES];
    size_t count;
    float *w1, *taps; /* owned: in PyTorch's order */
} entries;

/* ---- The tensors -----------------------------------------------------------------------------*/

/* The first layer (N, K*C) in the order of a convolution grouped by channel, c*K + k. */
static void w1_from_ours(float *restrict theirs, const float *restrict ours, size_t hidden,
                         size_t channels, size_t maps)
{
    for (size_t n = 0; n < hidden; n++) {
        size_t row = n * channels * maps;
        for (size_t c = 0; c < channels; c++) {
            for (size_t k = 0; k < maps; k++) {
                theirs[row + c * maps + k] = ours[row + k * channels + c];
            }
        }
    }
}

/* The kernels of that convolution, (C*K, 1, 3, 3) in the order c*K + k: identity, then the taps
 * ((K-1)*9, C). */
static void kernels_from_ours(float *restrict theirs, const float *restrict ours, size_t channels,
                              size_t maps)
{
    for (size_t c = 0; c < channels; c++) {
        for (size_t k = 0; k < maps; k++) {
            for (size_t i = 0; i < TAPS; i++) {
                theirs[(c * maps + k) * TAPS + i] = k > 0
                                                        ? ours[((k - 1) * TAPS + i) * channels + c]
                                                    : i == 4 ? 1.0f
                                                             : 0.0f;
            }
        }
    }
}

static void add_entry(entries *e, entry one)
{
    if (one.values != NULL) {
        e->list[e->count++] = one;
    }
}

static void free_entries(entries *e)
{
    free(e->w1);
    free(e->taps);
}

/* The caller frees the entries, also on failure. */
static nca_status make_entries(entries *e, const nca_model *model, const char *path,
                               nca_error *error)
{
    const nca_automaton *a = &model->automaton;
    const size_t hidden = a->hidden, channels = a->channels, maps = nca_perception_maps(a);
    const nca_parameters ours = nca_parameters_view(model->parameters, a);
    *e = (entries){.w1 = malloc(hidden * channels * maps * sizeof(float))};
    if (ours.taps != NULL) {
        e->taps = malloc(channels * maps * TAPS * sizeof(float));
    }
    if (e->w1 == NULL || (ours.taps != NULL && e->taps == NULL)) {
        return nca__fail_memory(error, path, (hidden + TAPS) * channels * maps * sizeof(float));
    }
    w1_from_ours(e->w1, ours.w1, hidden, channels, maps);
    if (ours.taps != NULL) {
        kernels_from_ours(e->taps, ours.taps, channels, maps);
    }
    add_entry(e, (entry){"perception.weight", e->taps, 4, {channels * maps, 1, 3, 3}});
    add_entry(e, (entry){"update_module.0.weight", e->w1, 4, {hidden, maps * channels, 1, 1}});
    add_entry(e, (entry){"update_module.0.bias", ours.b1, 1, {hidden}});
    add_entry(e, (entry){"update_module.2.weight", ours.w2, 4, {channels, hidden, 1, 1}});
    add_entry(e, (entry){"update_module.2.bias", ours.b2, 1, {channels}});
    return NCA_OK;
}

static size_t element_count(const entry *one)
{
    size_t count = 1;
    for (size_t i = 0; i < one->rank; i++) {
        count *= one->shape[i];
    }
    return count;
}

/* ---- The pickle ------------------------------------------------------------------------------*/

typedef struct pickler {
    uint8_t bytes[PICKLE_ROOM];
    size_t size;
} pickler;

static void put(pickler *p, const void *bytes, size_t size)
{
    memcpy(p->bytes + p->size, bytes, size);
    p->size += size;
}

static void put_code(pickler *p, const char *code)
{
    put(p, code, strlen(code));
}

static void put_little(pickler *p, uint32_t value, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t byte = (uint8_t)(value >> (8 * i));
        put(p, &byte, 1);
    }
}

/* BINUNICODE */
static void put_text(pickler *p, const char *text)
{
    put_code(p, "X");
    put_little(p, (uint32_t)strlen(text), 4);
    put_code(p, text);
}

/* BININT1, BININT2 or BININT; w1 of the largest model has 50 million elements. */
static void put_integer(pickler *p, size_t value)
{
    put_code(p, value < 0x100 ? "K" : value < 0x10000 ? "M" : "J");
    put_little(p, (uint32_t)value, value < 0x100 ? 1 : value < 0x10000 ? 2 : 4);
}

/* A shape, or its strides. */
static void put_sizes(pickler *p, const size_t *sizes, size_t rank)
{
    put_code(p, "(");
    for (size_t i = 0; i < rank; i++) {
        put_integer(p, sizes[i]);
    }
    put_code(p, "t");
}

/* torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict()) */
static void put_tensor(pickler *p, const entry *one, const char *key)
{
    size_t strides[4];
    for (size_t i = one->rank, stride = 1; i-- > 0; stride *= one->shape[i]) {
        strides[i] = stride;
    }
    put_code(p, "ctorch._utils\n_rebuild_tensor_v2\n((");
    put_text(p, "storage");
    put_code(p, "ctorch\nFloatStorage\n");
    put_text(p, key);
    put_text(p, "cpu");
    put_integer(p, element_count(one));
    put_code(p, "tQ");
    put_integer(p, 0);
    put_sizes(p, one->shape, one->rank);
    put_sizes(p, strides, one->rank);
    put_code(p, "\x89"
                "ccollections\nOrderedDict\n)RtR");
}

/* OrderedDict() with an item for each tensor. */
static void put_state_dict(pickler *p, const entries *e)
{
    put_code(p, "\x80\x02"
                "ccollections\nOrderedDict\n)R(");
    for (size_t i = 0; i < e->count; i++) {
        const char key[] = {(char)('0' + i), 0};
        put_text(p, e->list[i].name);
        put_tensor(p, &e->list[i], key);
    }
    put_code(p, "u.");
}

/* ---- The archive -----------------------------------------------------------------------------*/

static nca_status add(nca__zip_writer *writer, const char *name, const void *bytes, size_t size,
                      nca_error *error)
{
    return nca__zip_writer_add_bytes(writer, name, bytes, size, false, error);
}

static nca_status add_members(nca__zip_writer *writer, const pickler *p, const entries *e,
                              nca_error *error)
{
    nca_status status = add(writer, "archive/data.pkl", p->bytes, p->size, error);
    if (status == NCA_OK) {
        status = add(writer, "archive/byteorder", "little", 6, error);
    }
    for (size_t i = 0; i < e->count && status == NCA_OK; i++) {
        const char name[] = {
            'a', 'r', 'c', 'h', 'i', 'v', 'e', '/', 'd', 'a', 't', 'a', '/', (char)('0' + i), 0};
        status =
            add(writer, name, e->list[i].values, element_count(&e->list[i]) * sizeof(float), error);
    }
    return status == NCA_OK ? add(writer, "archive/version", "3\n", 2, error) : status;
}

/* Refuses everything that nca_model_load_torch would refuse. */
static nca_status check_model(const nca_model *model, const char *path, nca_error *error)
{
    const char *problem = nca_automaton_problem(&model->automaton);
    if (problem != NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: the automaton is not valid: %s", path,
                         problem);
    }
    for (size_t i = 0; i < nca_parameter_count(&model->automaton); i++) {
        if (!isfinite(model->parameters[i])) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "%s: parameter %zu is not finite; expected finite values only", path,
                             i);
        }
    }
    return NCA_OK;
}

nca_status nca_model_save_torch(const nca_model *model, const char *path, nca_error *error)
{
    nca_status status = check_model(model, path, error);
    const nca_automaton *a = &model->automaton;
    if (status == NCA_OK && (a->input_channels > 0 || a->head_outputs > 0)) {
        status = nca__fail(error, NCA_UNSUPPORTED,
                           "%s: a model with %s cannot be written as a .pt file; write it as "
                           ".safetensors",
                           path, a->input_channels > 0 ? "input_channels" : "a head");
    }
    if (status != NCA_OK) {
        return status;
    }
    nca__zip_writer *writer = NULL;
    entries e;
    pickler *p = calloc(1, sizeof *p);
    status = make_entries(&e, model, path, error);
    if (status == NCA_OK && p == NULL) {
        status = nca__fail_memory(error, path, sizeof *p);
    }
    if (status == NCA_OK) {
        put_state_dict(p, &e);
        status = nca__zip_writer_create(&writer, path, error);
    }
    if (status == NCA_OK) {
        status = add_members(writer, p, &e, error);
    }
    if (status == NCA_OK) {
        status = nca__zip_writer_commit(writer, error);
    }
    nca__zip_writer_destroy(writer);
    free_entries(&e);
    free(p);
    return status;
}

bool nca_torch_has_ending(const char *path)
{
    return nca__path_ends_with(path, ".pt") || nca__path_ends_with(path, ".pth");
}

nca_status nca_model_save_as(const nca_model *model, const char *path, nca_error *error)
{
    return nca_torch_has_ending(path) ? nca_model_save_torch(model, path, error)
                                      : nca_model_save(model, path, error);
}
