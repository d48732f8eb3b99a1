/* Pickle instructions that in Python import names and call them. Here a name is a row of
 * pickle_names.c and a call makes one of four objects; nothing is ever run. */
#include "model/pickle_machine.h"

#include <string.h>

/* Pushes a known name; an unknown one is refused before anything could be done with it. */
static nca_status push_name(nca__machine *m, const char *module, size_t module_length,
                            const char *name, size_t name_length)
{
    const nca__pickle_name *known = nca__pickle_name_find(module, module_length, name, name_length);
    if (known == NULL) {
        int shown = NCA__PICKLE_SHOWN;
        return FAIL(m, NCA_UNSUPPORTED,
                    "asks Python for \"%.*s.%.*s\", which a dictionary of tensors does not need; "
                    "nothing was run. Save the state dict alone: torch.save(model.state_dict(), "
                    "path)",
                    module_length < (size_t)shown ? (int)module_length : shown, module,
                    name_length < (size_t)shown ? (int)name_length : shown, name);
    }
    return nca__machine_push_new(m, (nca__pickle_object){.kind = NCA__PICKLE_NAME, .name = known});
}

/* A line of the pickle, without its end. */
static nca_status take_line(nca__machine *m, const char **out, size_t *out_length)
{
    const uint8_t *from = m->bytes + m->at;
    const uint8_t *end = m->at < m->size ? memchr(from, '\n', m->size - m->at) : NULL;
    if (end == NULL) {
        return FAIL(m, NCA_FORMAT, "a name has no end; the file was cut short or is damaged");
    }
    *out = (const char *)from;
    *out_length = (size_t)(end - from);
    m->at += *out_length + 1;
    return NCA_OK;
}

nca_status nca__run_global(nca__machine *m)
{
    const char *module = NULL, *name = NULL;
    size_t module_length = 0, name_length = 0;
    nca_status status = take_line(m, &module, &module_length);
    if (status == NCA_OK) {
        status = take_line(m, &name, &name_length);
    }
    return status != NCA_OK ? status : push_name(m, module, module_length, name, name_length);
}

nca_status nca__run_stack_global(nca__machine *m)
{
    nca_status status = nca__machine_need(m, 2);
    if (status != NCA_OK) {
        return status;
    }
    m->depth -= 2;
    const nca__pickle_object *module = nca__machine_object(m, m->stack[m->depth]);
    const nca__pickle_object *name = nca__machine_object(m, m->stack[m->depth + 1]);
    if (module->kind != NCA__PICKLE_TEXT || name->kind != NCA__PICKLE_TEXT) {
        return FAIL(m, NCA_FORMAT, "a name should be two texts, found %s and %s",
                    nca__pickle_kind_name(module->kind), nca__pickle_kind_name(name->kind));
    }
    return push_name(m, module->text.bytes, module->text.length, name->text.bytes,
                     name->text.length);
}

/* The kind of a tuple's item, or NONE beyond its end. */
static nca__pickle_kind kind_of_item(nca__machine *m, const nca__pickle_object *tuple,
                                     uint32_t index)
{
    return index < tuple->tuple.count
               ? nca__machine_object(m, m->pickle->items[tuple->tuple.first + index])->kind
               : NCA__PICKLE_NONE;
}

static nca_status fail_call(nca__machine *m, const nca__pickle_name *name, const char *expected)
{
    return FAIL(m, NCA_FORMAT, "%s.%s: expected %s", name->module, name->name, expected);
}

static nca_status call_rebuild_tensor(nca__machine *m, const nca__pickle_name *name,
                                      const nca__pickle_object *arguments)
{
    if (kind_of_item(m, arguments, 0) != NCA__PICKLE_STORAGE ||
        kind_of_item(m, arguments, 1) != NCA__PICKLE_INTEGER ||
        kind_of_item(m, arguments, 2) != NCA__PICKLE_TUPLE ||
        kind_of_item(m, arguments, 3) != NCA__PICKLE_TUPLE) {
        return fail_call(m, name, "a storage, an offset, a shape and strides");
    }
    const nca__pickle_ref *items = &m->pickle->items[arguments->tuple.first];
    nca__pickle_object tensor = {.kind = NCA__PICKLE_TENSOR};
    tensor.tensor.storage = items[0];
    tensor.tensor.offset = items[1];
    tensor.tensor.shape = items[2];
    tensor.tensor.strides = items[3];
    return nca__machine_push_new(m, tensor);
}

/* What stands for a call: only these ever happen. */
static nca_status call(nca__machine *m, const nca__pickle_name *name,
                       const nca__pickle_object *arguments)
{
    switch (name->role) {
    case NCA__PICKLE_ORDERED_DICT:
        return arguments->tuple.count == 0 ? nca__machine_push_chain(m, NCA__PICKLE_DICT)
                                           : fail_call(m, name, "no arguments");
    case NCA__PICKLE_REBUILD_TENSOR:
        return call_rebuild_tensor(m, name, arguments);
    case NCA__PICKLE_REBUILD_PARAMETER:
        return kind_of_item(m, arguments, 0) == NCA__PICKLE_TENSOR
                   ? nca__machine_push(m, m->pickle->items[arguments->tuple.first])
                   : fail_call(m, name, "a tensor");
    case NCA__PICKLE_SIZE:
        return kind_of_item(m, arguments, 0) == NCA__PICKLE_TUPLE
                   ? nca__machine_push(m, m->pickle->items[arguments->tuple.first])
                   : fail_call(m, name, "a tuple");
    case NCA__PICKLE_STORAGE_TYPE:
        break;
    }
    return FAIL(m, NCA_UNSUPPORTED, "calls %s.%s, which a dictionary of tensors does not do",
                name->module, name->name);
}

nca_status nca__run_reduce(nca__machine *m)
{
    nca_status status = nca__machine_need(m, 2);
    if (status != NCA_OK) {
        return status;
    }
    m->depth -= 2;
    const nca__pickle_object *callable = nca__machine_object(m, m->stack[m->depth]);
    /* A copy: the call makes objects, and the array of them may move. */
    const nca__pickle_object arguments = *nca__machine_object(m, m->stack[m->depth + 1]);
    if (callable->kind != NCA__PICKLE_NAME || arguments.kind != NCA__PICKLE_TUPLE) {
        return FAIL(m, NCA_FORMAT, "calls %s with %s; expected a name and a tuple",
                    nca__pickle_kind_name(callable->kind), nca__pickle_kind_name(arguments.kind));
    }
    return call(m, callable->name, &arguments);
}

/* The attributes of an OrderedDict (`_metadata`: versions of modules) and of nothing else; they say
 * nothing about the tensors. */
nca_status nca__run_build(nca__machine *m)
{
    nca_status status = nca__machine_need(m, 2);
    if (status != NCA_OK) {
        return status;
    }
    m->depth--;
    const nca__pickle_object *owner = nca__machine_object(m, m->stack[m->depth - 1]);
    const nca__pickle_object *state = nca__machine_object(m, m->stack[m->depth]);
    if (owner->kind != NCA__PICKLE_DICT || state->kind != NCA__PICKLE_DICT) {
        return FAIL(m, NCA_UNSUPPORTED,
                    "BUILD gives %s to %s; a dictionary of tensors has no more than attributes",
                    nca__pickle_kind_name(state->kind), nca__pickle_kind_name(owner->kind));
    }
    return NCA_OK;
}

/* ("storage", type, key, device, elements): a member of the archive. */
nca_status nca__run_binpersid(nca__machine *m)
{
    nca_status status = nca__machine_need(m, 1);
    if (status != NCA_OK) {
        return status;
    }
    const nca__pickle_object *id = nca__machine_object(m, m->stack[--m->depth]);
    const nca__pickle_ref *items = id->kind == NCA__PICKLE_TUPLE && id->tuple.count == 5
                                       ? &m->pickle->items[id->tuple.first]
                                       : NULL;
    if (items == NULL || !nca__pickle_is_text(nca__machine_object(m, items[0]), "storage") ||
        kind_of_item(m, id, 1) != NCA__PICKLE_NAME ||
        nca__machine_object(m, items[1])->name->role != NCA__PICKLE_STORAGE_TYPE ||
        kind_of_item(m, id, 2) != NCA__PICKLE_TEXT ||
        kind_of_item(m, id, 4) != NCA__PICKLE_INTEGER ||
        nca__machine_object(m, items[4])->integer < 0) {
        return FAIL(
            m, NCA_FORMAT,
            "a persistent id should be (\"storage\", type, key, device, number of elements)");
    }
    nca__pickle_object storage = {.kind = NCA__PICKLE_STORAGE};
    storage.storage.type = nca__machine_object(m, items[1])->name;
    storage.storage.key = items[2];
    storage.storage.count = items[4];
    return nca__machine_push_new(m, storage);
}
