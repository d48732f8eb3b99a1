/* The memory of the pickle interpreter: its growing arrays, its stack, and the bytes it reads. */
#include "model/pickle_machine.h"

#include <stdlib.h>

/* ---- Memory ----------------------------------------------------------------------------------*/

nca_status nca__machine_grow(nca__machine *m, void **array, uint32_t *capacity, uint32_t count,
                             uint32_t more, size_t entry)
{
    size_t wanted = (size_t)count + more;
    if (wanted <= *capacity) {
        return NCA_OK;
    }
    size_t next = *capacity < 16 ? 16 : 2 * (size_t)*capacity;
    if (next < wanted) {
        next = wanted;
    }
    /* No overflow: every entry comes from at least one byte of at most NCA__PICKLE_MAX. */
    void *larger = realloc(*array, next * entry);
    if (larger == NULL) {
        return nca__fail_memory(m->error, m->name, next * entry);
    }
    *array = larger;
    *capacity = (uint32_t)next;
    return NCA_OK;
}

nca__pickle_object *nca__machine_object(nca__machine *m, nca__pickle_ref ref)
{
    return &m->pickle->objects[ref];
}

nca_status nca__machine_push(nca__machine *m, nca__pickle_ref ref)
{
    if (m->depth == NCA__PICKLE_STACK_MAX) {
        return FAIL(m, NCA_LIMIT, "more than %d objects are on the stack", NCA__PICKLE_STACK_MAX);
    }
    nca_status status = GROW(m, m, stack, stack_capacity, depth, 1);
    if (status == NCA_OK) {
        m->stack[m->depth++] = ref;
    }
    return status;
}

nca_status nca__machine_push_new(nca__machine *m, nca__pickle_object object)
{
    nca__pickle *p = m->pickle;
    if (p->object_count == NCA__PICKLE_OBJECTS_MAX) {
        return FAIL(m, NCA_LIMIT, "more than %d objects", NCA__PICKLE_OBJECTS_MAX);
    }
    nca_status status = GROW(m, p, objects, object_capacity, object_count, 1);
    if (status != NCA_OK) {
        return status;
    }
    p->objects[p->object_count++] = object;
    return nca__machine_push(m, p->object_count - 1);
}

nca_status nca__machine_push_inert(nca__machine *m, const char *module, size_t module_length,
                                   const char *name, size_t name_length)
{
    nca__pickle_object object = {.kind = NCA__PICKLE_INERT};
    object.inert.module = module;
    object.inert.name = name;
    object.inert.module_length = (uint32_t)module_length;
    object.inert.name_length = (uint32_t)name_length;
    return nca__machine_push_new(m, object);
}

nca_status nca__machine_push_chain(nca__machine *m, nca__pickle_kind kind)
{
    nca__pickle_object object = {.kind = kind};
    object.chain.first = object.chain.last = NCA__PICKLE_END;
    return nca__machine_push_new(m, object);
}

nca_status nca__machine_need(nca__machine *m, uint32_t count)
{
    uint32_t floor = m->mark_count > 0 ? m->marks[m->mark_count - 1] : 0;
    if (m->depth - floor < count) {
        return FAIL(m, NCA_FORMAT, "needs %u objects on the stack, found %u", count,
                    m->depth - floor);
    }
    return NCA_OK;
}

nca_status nca__machine_close(nca__machine *m, uint32_t *out_first)
{
    if (m->mark_count == 0) {
        return FAIL(m, NCA_FORMAT, "closes a bracket that was never opened");
    }
    *out_first = m->marks[--m->mark_count];
    return NCA_OK;
}

/* ---- Bytes -----------------------------------------------------------------------------------*/

nca_status nca__machine_take(nca__machine *m, const uint8_t **out, uint64_t count)
{
    if (count > m->size - m->at) {
        return FAIL(m, NCA_FORMAT, "needs %llu bytes, found %zu; the file is truncated or damaged",
                    (unsigned long long)count, m->size - m->at);
    }
    *out = m->bytes + m->at;
    m->at += (size_t)count;
    return NCA_OK;
}

nca_status nca__machine_number(nca__machine *m, uint64_t *out, size_t count)
{
    const uint8_t *bytes = NULL;
    nca_status status = nca__machine_take(m, &bytes, count);
    if (status != NCA_OK) {
        return status;
    }
    *out = 0;
    for (size_t i = 0; i < count; i++) {
        *out |= (uint64_t)bytes[i] << (8 * i);
    }
    return NCA_OK;
}
