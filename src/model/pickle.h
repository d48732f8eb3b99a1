/* Internal: a pickle, read on a restricted machine that runs no code.
 *
 * A pickle is a program for a machine with a stack and a memo. This one knows the instructions that
 * Python itself writes in protocols 2 to 5, and the few names of pickle_names.c; it never imports
 * or calls anything. Where the pickle asks for another name, for a call of it, for bytes or a set,
 * an inert object takes the place: it has no value, and whatever is done to it is dropped. So the
 * tensors of a checkpoint can be read past objects of any class. An instruction that Python does
 * not write is refused by its name.
 *
 * Objects refer to each other by index and may form circles: who walks them counts its steps.
 * Memory is linear in the bytes of the pickle, whatever the pickle says about sizes. */
#ifndef NCA_MODEL_PICKLE_H
#define NCA_MODEL_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/pickle_names.h"
#include "nca/status.h"

enum {
    NCA__PICKLE_MAX = 4 << 20,         /* bytes; some 20,000 tensors */
    NCA__PICKLE_OBJECTS_MAX = 1 << 20, /* objects made on the way */
    NCA__PICKLE_STACK_MAX = 1 << 16,   /* objects waiting on the stack */
    NCA__PICKLE_MARKS_MAX = 1 << 10,   /* open brackets */
    NCA__PICKLE_END = INT32_MAX,       /* after the last link of a chain */
    NCA__PICKLE_SHOWN = 64,            /* room for a text of the pickle in a message */
    NCA__PICKLE_FOREIGN = 256          /* room for the names that were not followed */
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

/* An item of a list (no key) or of a dictionary. */
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
    char foreign[NCA__PICKLE_FOREIGN]; /* "numpy.dtype, ...": the names that became inert */
} nca__pickle;

/* `bytes` are borrowed as long as the pickle lives; `name` stands in messages. NCA_FORMAT for what
 * is no whole pickle, NCA_UNSUPPORTED for instructions that Python does not write, NCA_LIMIT beyond
 * the bounds above. Release with nca__pickle_free, which accepts a zeroed one. */
nca_status nca__pickle_parse(nca__pickle *out, const uint8_t *bytes, size_t size, const char *name,
                             nca_error *error);
void nca__pickle_free(nca__pickle *pickle);

/* "a dictionary" ... for messages. */
const char *nca__pickle_kind_name(nca__pickle_kind kind);
/* Whether a TEXT is exactly this one; false for other objects. */
bool nca__pickle_is_text(const nca__pickle_object *object, const char *text);

#endif
