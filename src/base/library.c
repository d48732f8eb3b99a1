/* Opens a library with dlopen and finds its functions. */
#include "base/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"

/* Guards every nca__library's is_open and table. */
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;

static nca_status fail_open(nca_error *error, const nca__library *library)
{
    const char *reason = dlerror();
    return nca__fail(
        error, NCA_UNSUPPORTED,
        "%s need %s, which cannot be loaded (%s); install the package %s (Debian's name for it)",
        library->purpose, library->file, reason != NULL ? reason : "unknown reason",
        library->package);
}

static nca_status open_now(nca__library *library, nca_error *error)
{
    /* RTLD_NOW: an incomplete library fails here, whereas RTLD_LAZY would end the process later. */
    void *handle =
        dlopen(library->file, RTLD_NOW | (library->is_global ? RTLD_GLOBAL : RTLD_LOCAL));
    if (handle == NULL) {
        return fail_open(error, library);
    }
    unsigned char *slot = library->functions;
    for (const char *const *name = library->names; *name != NULL; name++) {
        void *address = dlsym(handle, *name);
        if (address == NULL) {
            nca_status status = fail_open(error, library);
            dlclose(handle);
            return status;
        }
        /* POSIX lets a function's address pass through void *, ISO C does not: hence the copy. */
        memcpy(slot, &address, sizeof address);
        slot += sizeof address;
    }
    library->is_open = true;
    return NCA_OK;
}

nca_status nca__library_open(nca__library *library, nca_error *error)
{
    pthread_mutex_lock(&opening);
    nca_status status = library->is_open ? NCA_OK : open_now(library, error);
    pthread_mutex_unlock(&opening);
    return status;
}
