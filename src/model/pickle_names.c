/* The list of names that pickles may use. */
#include "model/pickle_names.h"

#include <string.h>

#define STORAGE(type, text, size, form)                                                   \
    {                                                                                     \
        "torch", type "Storage", NCA__PICKLE_STORAGE_TYPE, text, size, NCA__PICKLE_##form \
    }
#define FUNCTION(module, name, role)                                 \
    {                                                                \
        module, name, NCA__PICKLE_##role, NULL, 0, NCA__PICKLE_OTHER \
    }

static const nca__pickle_name names[] = {
    FUNCTION("collections", "OrderedDict", ORDERED_DICT),
    FUNCTION("torch._utils", "_rebuild_tensor_v2", REBUILD_TENSOR),
    FUNCTION("torch._utils", "_rebuild_parameter", REBUILD_PARAMETER),
    FUNCTION("torch._utils", "_rebuild_parameter_with_state", REBUILD_PARAMETER),
    FUNCTION("torch", "Size", SIZE),
    STORAGE("Float", "float32", 4, FLOAT32),
    STORAGE("Half", "float16", 2, FLOAT16),
    STORAGE("BFloat16", "bfloat16", 2, BFLOAT16),
    STORAGE("Double", "float64", 8, FLOAT64),
    /* A state dict may contain these in addition to what a model needs (counters, masks). */
    STORAGE("Long", "int64", 8, OTHER),
    STORAGE("Int", "int32", 4, OTHER),
    STORAGE("Short", "int16", 2, OTHER),
    STORAGE("Char", "int8", 1, OTHER),
    STORAGE("Byte", "uint8", 1, OTHER),
    STORAGE("Bool", "bool", 1, OTHER),
    STORAGE("ComplexFloat", "complex64", 8, OTHER),
    STORAGE("ComplexDouble", "complex128", 16, OTHER),
    /* Since PyTorch 2.0; the storage has no element type, so it is bytes. */
    {"torch.storage", "UntypedStorage", NCA__PICKLE_STORAGE_TYPE, "untyped", 1, NCA__PICKLE_OTHER},
};

static int same(const char *known, const char *text, size_t length)
{
    return strlen(known) == length && memcmp(known, text, length) == 0;
}

const nca__pickle_name *nca__pickle_name_find(const char *module, size_t module_length,
                                              const char *name, size_t name_length)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (same(names[i].module, module, module_length) &&
            same(names[i].name, name, name_length)) {
            return &names[i];
        }
    }
    return NULL;
}
