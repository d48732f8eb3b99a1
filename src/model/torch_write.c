/* Writing a model as a state dict: the pickle, with the opcodes that torch.save itself uses, and
 * the archive. Members are stored without compression, as PyTorch requires; the bytes depend only
 * on the model. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/growing_text.h"
#include "base/zip.h"
#include "model/model_metadata.h"
#include "model/torch_file.h"
#include "model/torch_tensors.h"
#include "nca/torch.h"

enum {
    PICKLE_ROOM = 4096 /* bytes at first; the text grows */
};

typedef struct tensors {
    nca__torch_entry list[NCA__TORCH_ENTRIES];
    size_t count;
    float *values; /* owned: those of all tensors, one after the other */
} tensors;

static nca_status get_tensors(tensors *t, const nca_model *model, const char *path,
                              nca_error *error)
{
    t->count = nca__torch_entries(t->list, model);
    size_t total = 0, at = 0;
    for (size_t i = 0; i < t->count; i++) {
        total += t->list[i].count;
    }
    t->values = malloc(total * sizeof *t->values);
    if (t->values == NULL) {
        return nca__fail_memory(error, path, total * sizeof *t->values);
    }
    for (size_t i = 0; i < t->count; at += t->list[i].count, i++) {
        nca__torch_get(t->values + at, model, &t->list[i]);
    }
    return NCA_OK;
}

/* ---- The pickle ------------------------------------------------------------------------------*/

typedef nca__growing_text pickler;

static void put_code(pickler *p, const char *code)
{
    nca__grow_text(p, code);
}

static void put_little(pickler *p, uint32_t value, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char byte = (char)(value >> (8 * i));
        nca__grow(p, &byte, 1);
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
static void put_tensor(pickler *p, const nca__torch_entry *one, const char *key)
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
    put_integer(p, one->count);
    put_code(p, "tQ");
    put_integer(p, 0);
    put_sizes(p, one->shape, one->rank);
    put_sizes(p, strides, one->rank);
    put_code(p, "\x89"
                "ccollections\nOrderedDict\n)RtR");
}

/* OrderedDict() with an item for each tensor. */
static void put_state_dict(pickler *p, const tensors *t)
{
    put_code(p, "ccollections\nOrderedDict\n)R(");
    for (size_t i = 0; i < t->count; i++) {
        const char key[] = {(char)('0' + i), 0};
        put_text(p, t->list[i].name);
        put_tensor(p, &t->list[i], key);
    }
    put_code(p, "u");
}

static nca_status put_pair(void *p, const char *key, const char *value, nca_error *error)
{
    (void)error;
    put_text(p, key);
    put_text(p, value);
    return NCA_OK;
}

/* The state dict; for a classifier {"state_dict": it, "metadata": {the texts of a model file}}. */
static nca_status put_pickle(pickler *p, const tensors *t, const nca_model *model, const char *path,
                             nca_error *error)
{
    nca_status status = NCA_OK;
    put_code(p, "\x80\x02");
    if (model->classifier == NULL) {
        put_state_dict(p, t);
    } else {
        const nca__texts_out texts = {put_pair, p};
        put_code(p, "}(");
        put_text(p, NCA__TORCH_STATE);
        put_state_dict(p, t);
        put_text(p, NCA__TORCH_METADATA);
        put_code(p, "}(");
        status = nca__model_metadata_write(&texts, model, error);
        put_code(p, "uu");
    }
    put_code(p, ".");
    return status == NCA_OK && p->text == NULL ? nca__fail_memory(error, path, PICKLE_ROOM)
                                               : status;
}

/* ---- The archive -----------------------------------------------------------------------------*/

static nca_status add(nca__zip_writer *writer, const char *name, const void *bytes, size_t size,
                      nca_error *error)
{
    return nca__zip_writer_add_bytes(writer, name, bytes, size, false, error);
}

static nca_status add_members(nca__zip_writer *writer, const pickler *p, const tensors *t,
                              nca_error *error)
{
    const float *values = t->values;
    nca_status status = add(writer, "archive/data.pkl", p->text, p->length, error);
    if (status == NCA_OK) {
        status = add(writer, "archive/byteorder", "little", 6, error);
    }
    for (size_t i = 0; i < t->count && status == NCA_OK; i++) {
        const char name[] = {
            'a', 'r', 'c', 'h', 'i', 'v', 'e', '/', 'd', 'a', 't', 'a', '/', (char)('0' + i), 0};
        status = add(writer, name, values, t->list[i].count * sizeof *values, error);
        values += t->list[i].count;
    }
    return status == NCA_OK ? add(writer, "archive/version", "3\n", 2, error) : status;
}

/* Refuses everything that nca_model_load_torch would refuse. */
static nca_status check_model(const nca_model *model, const char *path, nca_error *error)
{
    const nca_automaton *a = &model->automaton;
    const char *problem = nca_automaton_problem(a);
    if (problem != NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: the automaton is not valid: %s", path,
                         problem);
    }
    for (size_t i = 0; i < nca_parameter_count(a); i++) {
        if (!isfinite(model->parameters[i])) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "%s: parameter %zu is not finite; expected finite values only", path,
                             i);
        }
    }
    if (model->classifier != NULL) {
        return nca__model_metadata_check(a, &model->info, NCA_INVALID_ARGUMENT, path, error);
    }
    if (a->input_channels > 0 || a->head_outputs > 0) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "%s: a model with %s cannot be written as a .pt file; write it as "
                         ".safetensors",
                         path, a->input_channels > 0 ? "input_channels" : "a head");
    }
    return NCA_OK;
}

nca_status nca_model_save_torch(const nca_model *model, const char *path, nca_error *error)
{
    nca_status status = check_model(model, path, error);
    if (status != NCA_OK) {
        return status;
    }
    nca__zip_writer *writer = NULL;
    tensors t = {.count = 0};
    pickler p = nca__growing_text_make(PICKLE_ROOM);
    status = get_tensors(&t, model, path, error);
    if (status == NCA_OK) {
        status = put_pickle(&p, &t, model, path, error);
    }
    if (status == NCA_OK) {
        status = nca__zip_writer_create(&writer, path, error);
    }
    if (status == NCA_OK) {
        status = add_members(writer, &p, &t, error);
    }
    if (status == NCA_OK) {
        status = nca__zip_writer_commit(writer, error);
    }
    nca__zip_writer_destroy(writer);
    free(t.values);
    free(p.text);
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
