/* Internal: the names that a pickle may use, and their meaning. Other names of Python are not
 * available: a name that is not in this list becomes an inert object. */
#ifndef NCA_MODEL_PICKLE_NAMES_H
#define NCA_MODEL_PICKLE_NAMES_H

#include <stddef.h>
#include <stdint.h>

typedef enum nca__pickle_role {
    NCA__PICKLE_ORDERED_DICT,      /* () -> a dictionary */
    NCA__PICKLE_REBUILD_TENSOR,    /* (storage, offset, shape, strides, ...) -> a tensor */
    NCA__PICKLE_REBUILD_PARAMETER, /* (tensor, ...) -> the tensor */
    NCA__PICKLE_SIZE,              /* (tuple) -> the tuple */
    NCA__PICKLE_STORAGE_TYPE       /* only inside a persistent id */
} nca__pickle_role;

/* How the elements of a storage are read; OTHER: they are not read. */
typedef enum nca__pickle_element {
    NCA__PICKLE_OTHER,
    NCA__PICKLE_FLOAT32,
    NCA__PICKLE_FLOAT16,
    NCA__PICKLE_BFLOAT16,
    NCA__PICKLE_FLOAT64
} nca__pickle_element;

typedef struct nca__pickle_name {
    const char *module, *name;
    nca__pickle_role role;
    /* For storage types: */
    const char *dtype; /* "float32" */
    size_t bytes;      /* bytes per element */
    nca__pickle_element element;
} nca__pickle_name;

/* NULL if the name is unknown. The strings need not be terminated. */
const nca__pickle_name *nca__pickle_name_find(const char *module, size_t module_length,
                                              const char *name, size_t name_length);

#endif
