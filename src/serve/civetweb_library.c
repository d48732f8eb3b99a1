/* Names libcivetweb's functions to the loader and starts it. Knows nothing of what is served. */
#include "serve/civetweb_library.h"

#include <pthread.h>
#include <stddef.h>

struct nca__civetweb_functions nca__civetweb;

static nca__library library = {
    .file = NCA_FILE_CIVETWEB,
    .package = "libcivetweb1",
    .purpose = "pages from this program",
    .names = (const char *const[]){NCA__CIVETWEB_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &nca__civetweb,
};

static void start(void)
{
    nca__civetweb.init_library(0);
}

nca_status nca__civetweb_open(nca_error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    nca_status status = nca__library_open(&library, error);
    if (status == NCA_OK) {
        pthread_once(&once, start);
    }
    return status;
}
