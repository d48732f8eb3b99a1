/* Loads the functions of cairo. */
#include "render/cairo_library.h"

#include <stddef.h>

struct nca__cairo_functions nca__cairo;

static nca__library library = {
    .file = NCA_FILE_CAIRO,
    .package = "libcairo2",
    .purpose = "plots and labelled pictures",
    .names = (const char *const[]){NCA__CAIRO_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &nca__cairo,
};

nca_status nca__cairo_open(nca_error *error)
{
    return nca__library_open(&library, error);
}
