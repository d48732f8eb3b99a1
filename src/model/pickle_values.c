/* Pickle opcodes that create and combine values: numbers, strings, tuples, lists, dictionaries, and
 * the memo, through which a value can be used several times. */
#include "model/pickle_machine.h"

enum {
    NO_OBJECT = INT32_MAX /* an unused entry of the memo */
};

/* ---- Numbers ------------------------------------------------------------------------------*/

static nca_status push_integer(nca__machine *m, int64_t value)
{
    return nca__machine_push_new(
        m, (nca__pickle_object){.kind = NCA__PICKLE_INTEGER, .integer = value});
}

nca_status nca__run_none(nca__machine *m)
{
    return nca__machine_push_new(m, (nca__pickle_object){.kind = NCA__PICKLE_NONE});
}

nca_status nca__run_true(nca__machine *m)
{
    return nca__machine_push_new(m, (nca__pickle_object){.kind = NCA__PICKLE_BOOL, .integer = 1});
}

nca_status nca__run_false(nca__machine *m)
{
    return nca__machine_push_new(m, (nca__pickle_object){.kind = NCA__PICKLE_BOOL, .integer = 0});
}

nca_status nca__run_binint(nca__machine *m)
{
    uint64_t value;
    nca_status status = nca__machine_number(m, &value, 4);
    return status != NCA_OK ? status : push_integer(m, (int32_t)(uint32_t)value);
}

nca_status nca__run_binint1(nca__machine *m)
{
    uint64_t value;
    nca_status status = nca__machine_number(m, &value, 1);
    return status != NCA_OK ? status : push_integer(m, (int64_t)value);
}

nca_status nca__run_binint2(nca__machine *m)
{
    uint64_t value;
    nca_status status = nca__machine_number(m, &value, 2);
    return status != NCA_OK ? status : push_integer(m, (int64_t)value);
}

/* An integer of any length, two's complement; 8 bytes are enough for every size. */
static nca_status push_long(nca__machine *m, uint64_t length)
{
    const uint8_t *bytes;
    nca_status status = nca__machine_take(m, &bytes, length);
    if (status != NCA_OK) {
        return status;
    }
    if (length > 8) {
        return nca__machine_push_inert(m, NULL, 0, NULL, 0);
    }
    uint64_t value = length > 0 && bytes[length - 1] >= 0x80 ? UINT64_MAX : 0;
    for (size_t i = (size_t)length; i-- > 0;) {
        value = value << 8 | bytes[i];
    }
    return push_integer(m, (int64_t)value);
}

nca_status nca__run_long1(nca__machine *m)
{
    uint64_t length;
    nca_status status = nca__machine_number(m, &length, 1);
    return status != NCA_OK ? status : push_long(m, length);
}

/* Python reads the length as signed; here a negative length is a large one, which the file cannot
 * contain. */
nca_status nca__run_long4(nca__machine *m)
{
    uint64_t length;
    nca_status status = nca__machine_number(m, &length, 4);
    return status != NCA_OK ? status : push_long(m, length);
}

/* A learning rate or a loss stored with the tensors; its value is not needed. */
nca_status nca__run_binfloat(nca__machine *m)
{
    const uint8_t *bytes;
    nca_status status = nca__machine_take(m, &bytes, 8);
    return status != NCA_OK
               ? status
               : nca__machine_push_new(m, (nca__pickle_object){.kind = NCA__PICKLE_REAL});
}

/* ---- Texts --------------------------------------------------------------------------------*/

static nca_status push_text(nca__machine *m, size_t length_bytes)
{
    uint64_t length;
    const uint8_t *bytes;
    nca_status status = nca__machine_number(m, &length, length_bytes);
    if (status == NCA_OK) {
        status = nca__machine_take(m, &bytes, length);
    }
    if (status != NCA_OK) {
        return status;
    }
    nca__pickle_object text = {.kind = NCA__PICKLE_TEXT};
    text.text.bytes = (const char *)bytes;
    text.text.length = (size_t)length;
    return nca__machine_push_new(m, text);
}

nca_status nca__run_short_binunicode(nca__machine *m)
{
    return push_text(m, 1);
}

nca_status nca__run_binunicode(nca__machine *m)
{
    return push_text(m, 4);
}

nca_status nca__run_binunicode8(nca__machine *m)
{
    return push_text(m, 8);
}

/* Bytes: not read. */
static nca_status push_bytes(nca__machine *m, size_t length_bytes)
{
    uint64_t length;
    const uint8_t *bytes;
    nca_status status = nca__machine_number(m, &length, length_bytes);
    if (status == NCA_OK) {
        status = nca__machine_take(m, &bytes, length);
    }
    return status == NCA_OK ? nca__machine_push_inert(m, NULL, 0, NULL, 0) : status;
}

nca_status nca__run_short_binbytes(nca__machine *m)
{
    return push_bytes(m, 1);
}

nca_status nca__run_binbytes(nca__machine *m)
{
    return push_bytes(m, 4);
}

nca_status nca__run_binbytes8(nca__machine *m)
{
    return push_bytes(m, 8);
}

/* ---- Tuples, lists, dictionaries ----------------------------------------------------------*/

nca_status nca__run_mark(nca__machine *m)
{
    if (m->mark_count == NCA__PICKLE_MARKS_MAX) {
        return FAIL(m, NCA_LIMIT, "more than %d brackets are open", NCA__PICKLE_MARKS_MAX);
    }
    m->marks[m->mark_count++] = m->depth;
    return NCA_OK;
}

nca_status nca__run_pop(nca__machine *m)
{
    nca_status status = nca__machine_need(m, 1);
    m->depth -= status == NCA_OK;
    return status;
}

nca_status nca__run_pop_mark(nca__machine *m)
{
    return nca__machine_close(m, &m->depth);
}

/* Replaces the topmost `count` objects by a tuple. */
static nca_status push_tuple(nca__machine *m, uint32_t count)
{
    nca__pickle *p = m->pickle;
    nca_status status = nca__machine_need(m, count);
    if (status == NCA_OK) {
        status = GROW(m, p, items, item_capacity, item_count, count);
    }
    if (status != NCA_OK) {
        return status;
    }
    nca__pickle_object tuple = {.kind = NCA__PICKLE_TUPLE};
    tuple.tuple.first = p->item_count;
    tuple.tuple.count = count;
    m->depth -= count;
    for (uint32_t i = 0; i < count; i++) {
        p->items[p->item_count++] = m->stack[m->depth + i];
    }
    return nca__machine_push_new(m, tuple);
}

nca_status nca__run_empty_tuple(nca__machine *m)
{
    return push_tuple(m, 0);
}

nca_status nca__run_tuple1(nca__machine *m)
{
    return push_tuple(m, 1);
}

nca_status nca__run_tuple2(nca__machine *m)
{
    return push_tuple(m, 2);
}

nca_status nca__run_tuple3(nca__machine *m)
{
    return push_tuple(m, 3);
}

nca_status nca__run_tuple(nca__machine *m)
{
    uint32_t first;
    nca_status status = nca__machine_close(m, &first);
    return status != NCA_OK ? status : push_tuple(m, m->depth - first);
}

nca_status nca__run_empty_list(nca__machine *m)
{
    return nca__machine_push_chain(m, NCA__PICKLE_LIST);
}

nca_status nca__run_empty_dict(nca__machine *m)
{
    return nca__machine_push_chain(m, NCA__PICKLE_DICT);
}

/* Adds the objects from `first` on to the list or dictionary below them. */
static nca_status extend(nca__machine *m, nca__pickle_kind kind, uint32_t first)
{
    nca__pickle *p = m->pickle;
    uint32_t step = kind == NCA__PICKLE_DICT ? 2 : 1;
    uint32_t floor = m->mark_count > 0 ? m->marks[m->mark_count - 1] : 0;
    if (first <= floor || (m->depth - first) % step != 0) {
        return FAIL(m, NCA_FORMAT, "adds to %s, but %s", nca__pickle_kind_name(kind),
                    first <= floor ? "the stack has no object to add to" : "a key has no value");
    }
    nca__pickle_object *owner = nca__machine_object(m, m->stack[first - 1]);
    if (owner->kind == NCA__PICKLE_INERT) {
        m->depth = first;
        return NCA_OK;
    }
    if (owner->kind != kind) {
        return FAIL(m, NCA_FORMAT, "adds to %s, found %s", nca__pickle_kind_name(kind),
                    nca__pickle_kind_name(owner->kind));
    }
    nca_status status = GROW(m, p, links, link_capacity, link_count, m->depth - first);
    for (uint32_t i = first; status == NCA_OK && i < m->depth; i += step) {
        uint32_t link = p->link_count++;
        p->links[link] = (nca__pickle_link){m->stack[i], m->stack[i + step - 1], NCA__PICKLE_END};
        *(owner->chain.first == NCA__PICKLE_END ? &owner->chain.first
                                                : &p->links[owner->chain.last].next) = link;
        owner->chain.last = link;
    }
    m->depth = first;
    return status;
}

/* Adds one item, or one key and its value, from the stack. */
static nca_status extend_once(nca__machine *m, nca__pickle_kind kind, uint32_t count)
{
    nca_status status = nca__machine_need(m, count + 1);
    return status != NCA_OK ? status : extend(m, kind, m->depth - count);
}

static nca_status extend_to_mark(nca__machine *m, nca__pickle_kind kind)
{
    uint32_t first;
    nca_status status = nca__machine_close(m, &first);
    return status != NCA_OK ? status : extend(m, kind, first);
}

nca_status nca__run_append(nca__machine *m)
{
    return extend_once(m, NCA__PICKLE_LIST, 1);
}

nca_status nca__run_appends(nca__machine *m)
{
    return extend_to_mark(m, NCA__PICKLE_LIST);
}

nca_status nca__run_setitem(nca__machine *m)
{
    return extend_once(m, NCA__PICKLE_DICT, 2);
}

nca_status nca__run_setitems(nca__machine *m)
{
    return extend_to_mark(m, NCA__PICKLE_DICT);
}

/* Sets are not read: a set is an inert object, and its items are ignored. */
nca_status nca__run_empty_set(nca__machine *m)
{
    return nca__machine_push_inert(m, NULL, 0, NULL, 0);
}

nca_status nca__run_additems(nca__machine *m)
{
    return extend_to_mark(m, NCA__PICKLE_INERT);
}

nca_status nca__run_frozenset(nca__machine *m)
{
    nca_status status = nca__machine_close(m, &m->depth);
    return status != NCA_OK ? status : nca__machine_push_inert(m, NULL, 0, NULL, 0);
}

/* ---- The memo -----------------------------------------------------------------------------*/

/* Python numbers the memo from 0. A number larger than the bytes read so far is invalid, and would
 * allow a small file to use much memory. */
static nca_status memoize(nca__machine *m, uint64_t number)
{
    nca_status status = nca__machine_need(m, 1);
    if (status == NCA_OK && number > m->began) {
        status = FAIL(m, NCA_LIMIT, "memo number %llu; expected at most %zu",
                      (unsigned long long)number, m->began);
    }
    if (status == NCA_OK && number >= m->memo_count) {
        status = GROW(m, m, memo, memo_capacity, memo_count, (uint32_t)number + 1 - m->memo_count);
        while (status == NCA_OK && m->memo_count <= number) {
            m->memo[m->memo_count++] = NO_OBJECT;
        }
    }
    if (status == NCA_OK) {
        m->memo[number] = m->stack[m->depth - 1];
    }
    return status;
}

static nca_status recall(nca__machine *m, uint64_t number)
{
    if (number >= m->memo_count || m->memo[number] == NO_OBJECT) {
        return FAIL(m, NCA_FORMAT, "reads memo number %llu, which was never written",
                    (unsigned long long)number);
    }
    return nca__machine_push(m, m->memo[number]);
}

nca_status nca__run_binput(nca__machine *m)
{
    uint64_t number;
    nca_status status = nca__machine_number(m, &number, 1);
    return status != NCA_OK ? status : memoize(m, number);
}

nca_status nca__run_long_binput(nca__machine *m)
{
    uint64_t number;
    nca_status status = nca__machine_number(m, &number, 4);
    return status != NCA_OK ? status : memoize(m, number);
}

nca_status nca__run_memoize(nca__machine *m)
{
    return memoize(m, m->memo_count);
}

nca_status nca__run_binget(nca__machine *m)
{
    uint64_t number;
    nca_status status = nca__machine_number(m, &number, 1);
    return status != NCA_OK ? status : recall(m, number);
}

nca_status nca__run_long_binget(nca__machine *m)
{
    uint64_t number;
    nca_status status = nca__machine_number(m, &number, 4);
    return status != NCA_OK ? status : recall(m, number);
}
