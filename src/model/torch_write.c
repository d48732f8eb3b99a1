/* Writing a model as a state dict: the pickle, in the instructions that torch.save itself uses, and
 * the archive around it. Members are stored, not packed, as PyTorch wants them; the bytes follow
 * from the model alone. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/zip.h"
#include "model/torch_network.h"
#include "nca/torch.h"

enum {
    PICKLE_ROOM = 4096 /* four tensors take about 900 bytes */
};

/* The tensors in the file's order, which is that of a network's layers; W1 is the first. */
static const struct {
    const char *ours;
    const char *name;
    size_t rank;
} layers[] = {
    {"update.w1", "update_module.0.weight", 4},
    {"update.b1", "update_module.0.bias", 1},
    {"update.w2", "update_module.2.weight", 4},
    {"update.b2", "update_module.2.bias", 1},
};

enum {
    LAYERS = sizeof layers / sizeof *layers
};

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

/* A shape (rows, columns, 1, 1) or (rows), or the strides that go with it. */
static void put_sizes(pickler *p, size_t rank, size_t first, size_t second)
{
    put_code(p, "(");
    put_integer(p, first);
    if (rank == 4) {
        put_integer(p, second);
        put_integer(p, 1);
        put_integer(p, 1);
    }
    put_code(p, "t");
}

/* torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict()) */
static void put_tensor(pickler *p, size_t rank, size_t rows, size_t columns, const char *key)
{
    put_code(p, "ctorch._utils\n_rebuild_tensor_v2\n((");
    put_text(p, "storage");
    put_code(p, "ctorch\nFloatStorage\n");
    put_text(p, key);
    put_text(p, "cpu");
    put_integer(p, rows * columns);
    put_code(p, "tQ");
    put_integer(p, 0);
    put_sizes(p, rank, rows, columns);
    put_sizes(p, rank, rank == 4 ? columns : 1, 1);
    put_code(p, "\x89"
                "ccollections\nOrderedDict\n)RtR");
}

/* OrderedDict() with an item for each tensor. */
static void put_state_dict(pickler *p, const nca_automaton *automaton)
{
    put_code(p, "\x80\x02"
                "ccollections\nOrderedDict\n)R(");
    for (size_t i = 0; i < LAYERS; i++) {
        const nca_tensor tensor = nca_tensor_named(automaton, layers[i].ours);
        if (tensor.rows > 0) {
            const char key[] = {(char)('0' + i), 0};
            put_text(p, layers[i].name);
            put_tensor(p, layers[i].rank, tensor.rows, tensor.columns, key);
        }
    }
    put_code(p, "u.");
}

/* ---- The archive -----------------------------------------------------------------------------*/

static nca_status add(nca__zip_writer *writer, const char *name, const void *bytes, size_t size,
                      nca_error *error)
{
    return nca__zip_writer_add_bytes(writer, name, bytes, size, false, error);
}

/* `w1` is the first layer in PyTorch's order; the other tensors are as they are in the model. */
static nca_status add_members(nca__zip_writer *writer, const pickler *p, const nca_model *model,
                              const float *w1, nca_error *error)
{
    nca_status status = add(writer, "archive/data.pkl", p->bytes, p->size, error);
    if (status == NCA_OK) {
        status = add(writer, "archive/byteorder", "little", 6, error);
    }
    for (size_t i = 0; i < LAYERS && status == NCA_OK; i++) {
        const nca_tensor tensor = nca_tensor_named(&model->automaton, layers[i].ours);
        const float *values = model->parameters + tensor.offset;
        const char name[] = {
            'a', 'r', 'c', 'h', 'i', 'v', 'e', '/', 'd', 'a', 't', 'a', '/', (char)('0' + i), 0};
        if (tensor.rows > 0) {
            status = add(writer, name, i == 0 ? w1 : values,
                         tensor.rows * tensor.columns * sizeof *values, error);
        }
    }
    return status == NCA_OK ? add(writer, "archive/version", "3\n", 2, error) : status;
}

/* The first layer (N, K*C) in the order of a convolution grouped by channel, c*K + k. */
static void w1_from_ours(float *restrict theirs, const float *restrict ours, size_t hidden,
                         size_t channels)
{
    for (size_t n = 0; n < hidden; n++) {
        size_t row = n * channels * NCA__TORCH_MAPS;
        for (size_t c = 0; c < channels; c++) {
            for (size_t k = 0; k < NCA__TORCH_MAPS; k++) {
                theirs[row + c * NCA__TORCH_MAPS + k] = ours[row + k * channels + c];
            }
        }
    }
}

/* Nothing is saved that nca_model_load_torch would refuse. */
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
    if (status == NCA_OK && model->automaton.filter == NCA_FILTER_LEARNED) {
        status =
            nca__fail(error, NCA_UNSUPPORTED,
                      "%s: a model with learned filters cannot be written as a .pt file; write "
                      "it as .safetensors",
                      path);
    }
    if (status == NCA_OK && model->automaton.input_channels > 0) {
        status = nca__fail(error, NCA_UNSUPPORTED,
                           "%s: a model with input_channels cannot be written as a .pt file; write "
                           "it as .safetensors",
                           path);
    }
    if (status != NCA_OK) {
        return status;
    }
    size_t hidden = model->automaton.hidden, channels = model->automaton.channels;
    size_t bytes = hidden * channels * NCA__TORCH_MAPS * sizeof(float);
    nca__zip_writer *writer = NULL;
    pickler *p = calloc(1, sizeof *p);
    float *w1 = malloc(bytes);
    if (p == NULL || w1 == NULL) {
        status = nca__fail_memory(error, path, bytes);
    }
    if (status == NCA_OK) {
        w1_from_ours(w1, nca_parameters_view(model->parameters, &model->automaton).w1, hidden,
                     channels);
        put_state_dict(p, &model->automaton);
        status = nca__zip_writer_create(&writer, path, error);
    }
    if (status == NCA_OK) {
        status = add_members(writer, p, model, w1, error);
    }
    if (status == NCA_OK) {
        status = nca__zip_writer_commit(writer, error);
    }
    nca__zip_writer_destroy(writer);
    free(w1);
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
