/* Loads the functions of libzip. */
#include "base/zip_library.h"

#include <stddef.h>

struct nca__libzip_functions nca__libzip;

static nca__library library = {
    .file = NCA_FILE_ZIP,
    .package = "libzip4",
    .purpose = "archives of NumPy (.npz) and PyTorch (.pt)",
    .names = (const char *const[]){NCA__LIBZIP_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &nca__libzip,
};

nca_status nca__libzip_open(nca_error *error)
{
    return nca__library_open(&library, error);
}
