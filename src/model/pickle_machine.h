/* Internal to the pickle reader: the interpreter, and the functions that implement its opcodes. */
#ifndef NCA_MODEL_PICKLE_MACHINE_H
#define NCA_MODEL_PICKLE_MACHINE_H

#include "base/error.h"
#include "model/pickle.h"

typedef struct nca__machine {
    nca__pickle *pickle;
    const uint8_t *bytes;
    size_t size, at;
    size_t began; /* position of the current opcode */
    nca__pickle_ref *stack;
    uint32_t depth, stack_capacity;
    uint32_t marks[NCA__PICKLE_MARKS_MAX]; /* stack depths */
    uint32_t mark_count;
    nca__pickle_ref *memo;
    uint32_t memo_count, memo_capacity;
    bool stopped;
    const char *name;
    nca_error *error; /* not NULL */
} nca__machine;

/* Messages include the position in the pickle. */
#define FAIL(m, status, ...)                     \
    (nca__fail((m)->error, status, __VA_ARGS__), \
     nca__fail_in((m)->error, status, "%s: byte %zu of the pickle", (m)->name, (m)->began))

/* Makes room for `more` entries after `count`; the capacity doubles. */
nca_status nca__machine_grow(nca__machine *m, void **array, uint32_t *capacity, uint32_t count,
                             uint32_t more, size_t entry);
#define GROW(m, owner, array, capacity, count, more)                                         \
    nca__machine_grow(m, (void **)&(owner)->array, &(owner)->capacity, (owner)->count, more, \
                      sizeof *(owner)->array)

/* Valid until the next object is created. */
nca__pickle_object *nca__machine_object(nca__machine *m, nca__pickle_ref ref);
nca_status nca__machine_push(nca__machine *m, nca__pickle_ref ref);
/* Creates an object and pushes it. */
nca_status nca__machine_push_new(nca__machine *m, nca__pickle_object object);
/* Pushes an inert object, which represents a class or function of that name (both NULL: none). */
nca_status nca__machine_push_inert(nca__machine *m, const char *module, size_t module_length,
                                   const char *name, size_t name_length);
/* Pushes an empty list or dictionary. */
nca_status nca__machine_push_chain(nca__machine *m, nca__pickle_kind kind);
/* Checks that there are `count` objects above the last open mark. */
nca_status nca__machine_need(nca__machine *m, uint32_t count);
/* Closes the last mark: *out_first is the index of its first object on the stack. */
nca_status nca__machine_close(nca__machine *m, uint32_t *out_first);
/* The next `count` bytes of the pickle. */
nca_status nca__machine_take(nca__machine *m, const uint8_t **out, uint64_t count);
/* An unsigned little-endian number of 1 to 8 bytes. */
nca_status nca__machine_number(nca__machine *m, uint64_t *out, size_t count);

/* One opcode each, called after its code was read; the names are Python's. */
typedef nca_status nca__machine_run(nca__machine *m);
nca__machine_run nca__run_additems, nca__run_append, nca__run_appends, nca__run_binbytes,
    nca__run_binbytes8, nca__run_binfloat, nca__run_binget, nca__run_binint, nca__run_binint1,
    nca__run_binint2, nca__run_binpersid, nca__run_binput, nca__run_binunicode,
    nca__run_binunicode8, nca__run_build, nca__run_empty_dict, nca__run_empty_list,
    nca__run_empty_set, nca__run_frozenset, nca__run_empty_tuple, nca__run_false, nca__run_global,
    nca__run_long1, nca__run_long4, nca__run_long_binget, nca__run_long_binput, nca__run_mark,
    nca__run_memoize, nca__run_newobj_ex, nca__run_none, nca__run_pop, nca__run_pop_mark,
    nca__run_reduce, nca__run_setitem, nca__run_setitems, nca__run_short_binbytes,
    nca__run_short_binunicode, nca__run_stack_global, nca__run_true, nca__run_tuple,
    nca__run_tuple1, nca__run_tuple2, nca__run_tuple3;

#endif
