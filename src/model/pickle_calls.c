/* Pickle opcodes with which Python imports and calls names. Here a name is a row of pickle_names.c
 * and a call creates one of four objects; other names, and everything created from them, are inert
 * objects. No code is executed. */
#include "model/pickle_machine.h"

#include <stdio.h>
#include <string.h>

/* Records a skipped name, once; if the buffer is full, the list ends in "...". */
static void note_foreign(nca__machine *m, const char *module, int module_length, const char *name,
                         int name_length)
{
    char item[2 * NCA__PICKLE_SHOWN + 2], *list = m->pickle->foreign;
    snprintf(item, sizeof item, "%.*s.%.*s", module_length, module, name_length, name);
    nca__clean_text(item);
    const char *found = strstr(list, item);
    const size_t length = strlen(list), wanted = strlen(item);
    if (found != NULL && (found[wanted] == 0 || found[wanted] == ',')) {
        return;
    }
    if (length + wanted + sizeof ", , ..." <= NCA__PICKLE_FOREIGN) {
        snprintf(list + length, NCA__PICKLE_FOREIGN - length, "%s%s", length > 0 ? ", " : "", item);
    } else if (length < 3 || strcmp(list + length - 3, "...") != 0) {
        snprintf(list + length, NCA__PICKLE_FOREIGN - length, ", ...");
    }
}

/* Pushes a known name; an unknown name becomes an inert object immediately. */
static nca_status push_name(nca__machine *m, const char *module, size_t module_length,
                            const char *name, size_t name_length)
{
    const nca__pickle_name *known = nca__pickle_name_find(module, module_length, name, name_length);
    if (known == NULL) {
        const size_t shown = NCA__PICKLE_SHOWN;
        module_length = module_length < shown ? module_length : shown;
        name_length = name_length < shown ? name_length : shown;
        note_foreign(m, module, (int)module_length, name, (int)name_length);
        return nca__machine_push_inert(m, module, module_length, name, name_length);
    }
    return nca__machine_push_new(m, (nca__pickle_object){.kind = NCA__PICKLE_NAME, .name = known});
}

/* A line of the pickle, without the newline. */
static nca_status take_line(nca__machine *m, const char **out, size_t *out_length)
{
    const uint8_t *from = m->bytes + m->at;
    const uint8_t *end = m->at < m->size ? memchr(from, '\n', m->size - m->at) : NULL;
    if (end == NULL) {
        return FAIL(m, NCA_FORMAT, "a name is not terminated; the file is truncated or damaged");
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
        return FAIL(m, NCA_FORMAT, "a name should be two strings, found %s and %s",
                    nca__pickle_kind_name(module->kind), nca__pickle_kind_name(name->kind));
    }
    return push_name(m, module->text.bytes, module->text.length, name->text.bytes,
                     name->text.length);
}

/* The kind of a tuple's item; NONE beyond its end. */
static nca__pickle_kind kind_of_item(nca__machine *m, const nca__pickle_object *tuple,
                                     uint32_t index)
{
    return index < tuple->tuple.count
               ? nca__machine_object(m, m->pickle->items[tuple->tuple.first + index])->kind
               : NCA__PICKLE_NONE;
}

/* Pushes an inert object instead of an object that would need inert parts. */
static nca_status push_inert_call(nca__machine *m, const nca__pickle_name *name)
{
    return nca__machine_push_inert(m, name->module, strlen(name->module), name->name,
                                   strlen(name->name));
}

static nca_status fail_call(nca__machine *m, const nca__pickle_name *name, const char *expected)
{
    return FAIL(m, NCA_FORMAT, "%s.%s: expected %s", name->module, name->name, expected);
}

static nca_status call_rebuild_tensor(nca__machine *m, const nca__pickle_name *name,
                                      const nca__pickle_object *arguments)
{
    if (kind_of_item(m, arguments, 0) == NCA__PICKLE_INERT) {
        return push_inert_call(m, name);
    }
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

/* Performs a call; there are no others. */
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
        if (kind_of_item(m, arguments, 0) == NCA__PICKLE_INERT) {
            return push_inert_call(m, name);
        }
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
    return FAIL(m, NCA_UNSUPPORTED, "calls %s.%s, which a dictionary of tensors does not need",
                name->module, name->name);
}

nca_status nca__run_reduce(nca__machine *m)
{
    nca_status status = nca__machine_need(m, 2);
    if (status != NCA_OK) {
        return status;
    }
    m->depth -= 2;
    /* Copies, because the call creates objects, which may move the array. */
    const nca__pickle_ref callee = m->stack[m->depth];
    const nca__pickle_object *callable = nca__machine_object(m, callee);
    const nca__pickle_object arguments = *nca__machine_object(m, m->stack[m->depth + 1]);
    if (callable->kind == NCA__PICKLE_INERT) {
        return nca__machine_push_new(m, *callable);
    }
    if (callable->kind != NCA__PICKLE_NAME || arguments.kind != NCA__PICKLE_TUPLE) {
        return FAIL(m, NCA_FORMAT, "calls %s with %s; expected a name and a tuple",
                    nca__pickle_kind_name(callable->kind), nca__pickle_kind_name(arguments.kind));
    }
    return call(m, callable->name, &arguments);
}

/* A class, its arguments and its keyword arguments. */
nca_status nca__run_newobj_ex(nca__machine *m)
{
    nca_status status = nca__machine_need(m, 3);
    if (status != NCA_OK) {
        return status;
    }
    m->depth -= 3;
    const nca__pickle_object class = *nca__machine_object(m, m->stack[m->depth]);
    if (class.kind == NCA__PICKLE_NAME) {
        return push_inert_call(m, class.name);
    }
    return class.kind == NCA__PICKLE_INERT
               ? nca__machine_push_new(m, class)
               : FAIL(m, NCA_FORMAT, "makes an object of %s; expected a name",
                      nca__pickle_kind_name(class.kind));
}

/* Attributes of a dictionary (`_metadata`: versions of modules), of a tensor or of an inert object;
 * they contain nothing about the tensors and are ignored. */
nca_status nca__run_build(nca__machine *m)
{
    nca_status status = nca__machine_need(m, 2);
    if (status != NCA_OK) {
        return status;
    }
    m->depth--;
    const nca__pickle_object *owner = nca__machine_object(m, m->stack[m->depth - 1]);
    if (owner->kind != NCA__PICKLE_DICT && owner->kind != NCA__PICKLE_TENSOR &&
        owner->kind != NCA__PICKLE_INERT) {
        return FAIL(m, NCA_FORMAT, "gives attributes to %s; expected an object",
                    nca__pickle_kind_name(owner->kind));
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
    if (items != NULL && kind_of_item(m, id, 1) == NCA__PICKLE_INERT) {
        return nca__machine_push_new(m, *nca__machine_object(m, items[1]));
    }
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
