/* Internal: a pickle, read by a restricted interpreter that runs no code.
 *
 * A pickle is a program for a machine with a stack and a memo. This interpreter knows the opcodes
 * that Python itself writes in protocols 2 to 5, and the few names of pickle_names.c; it never
 * imports or calls anything. If the pickle refers to another name, calls one, or contains bytes or
 * a set, an inert object is created instead: it has no value, and operations on it are ignored.
 * This allows the tensors of a checkpoint to be read even if it contains objects of any class.
 * Opcodes that Python does not write are refused by name.
 *
 * Objects refer to each other by index and may form cycles, so code that traverses them limits the
 * number of its steps. Memory is linear in the size of the pickle, whatever sizes the pickle
 * claims. */
#ifndef NCA_MODEL_PICKLE_H
#define NCA_MODEL_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/pickle_names.h"
#include "nca/status.h"

enum {
    NCA__PICKLE_MAX = 4 << 20,         /* bytes; about 20,000 tensors */
    NCA__PICKLE_OBJECTS_MAX = 1 << 20, /* number of objects created */
    NCA__PICKLE_STACK_MAX = 1 << 16,   /* number of objects on the stack */
    NCA__PICKLE_MARKS_MAX = 1 << 10,   /* number of open marks */
    NCA__PICKLE_END = INT32_MAX,       /* ends a chain of links */
    NCA__PICKLE_SHOWN = 64,            /* buffer for text of the pickle in a message */
    NCA__PICKLE_FOREIGN = 256          /* buffer for the names that were skipped */
};

typedef enum nca__pickle_kind {
    NCA__PICKLE_NONE,
    NCA__PICKLE_BOOL,
    NCA__PICKLE_INTEGER,
    NCA__PICKLE_REAL,
    NCA__PICKLE_TEXT,
    NCA__PICKLE_TUPLE,
    NCA__PICKLE_LIST,
    NCA__PICKLE_DICT, /* OrderedDict too */
    NCA__PICKLE_NAME,
    NCA__PICKLE_STORAGE,
    NCA__PICKLE_TENSOR,
    NCA__PICKLE_INERT /* anything else: not read */
} nca__pickle_kind;

typedef uint32_t nca__pickle_ref; /* an index into nca__pickle.objects */

typedef struct nca__pickle_object {
    nca__pickle_kind kind;
    union {
        int64_t integer; /* BOOL, INTEGER */
        struct {
            const char *bytes; /* inside the pickle, not terminated */
            size_t length;
        } text;
        struct {
            uint32_t first, count; /* into nca__pickle.items */
        } tuple;
        struct {
            uint32_t first, last; /* into nca__pickle.links; NCA__PICKLE_END when empty */
        } chain;                  /* LIST, DICT */
        const nca__pickle_name *name;
        struct {
            const nca__pickle_name *type;
            nca__pickle_ref key, count; /* a TEXT; an INTEGER: elements */
        } storage;
        struct {
            nca__pickle_ref storage, offset, shape, strides; /* STORAGE, INTEGER, two TUPLEs */
        } tensor;
        struct {
            const char *module, *name; /* inside the pickle, or NULL: bytes, a set, a number */
            uint32_t module_length, name_length;
        } inert;
    };
} nca__pickle_object;

/* An item of a list (without key) or of a dictionary. */
typedef struct nca__pickle_link {
    nca__pickle_ref key, value;
    uint32_t next;
} nca__pickle_link;

typedef struct nca__pickle {
    nca__pickle_object *objects;
    uint32_t object_count, object_capacity;
    nca__pickle_ref *items; /* of all tuples */
    uint32_t item_count, item_capacity;
    nca__pickle_link *links; /* of all lists and dictionaries */
    uint32_t link_count, link_capacity;
    nca__pickle_ref root;
    char foreign[NCA__PICKLE_FOREIGN]; /* "numpy.dtype, ...": the names that became inert objects */
} nca__pickle;

/* `bytes` are borrowed until the pickle is freed; `name` is used in messages. NCA_FORMAT if it is
 * not a complete pickle, NCA_UNSUPPORTED for opcodes that Python does not write, NCA_LIMIT beyond
 * the limits above. Release with nca__pickle_free, which accepts a zeroed struct. */
nca_status nca__pickle_parse(nca__pickle *out, const uint8_t *bytes, size_t size, const char *name,
                             nca_error *error);
void nca__pickle_free(nca__pickle *pickle);

/* "a dictionary" ... for messages. */
const char *nca__pickle_kind_name(nca__pickle_kind kind);
/* Whether an object is a TEXT equal to `text`. */
bool nca__pickle_is_text(const nca__pickle_object *object, const char *text);

#endif
