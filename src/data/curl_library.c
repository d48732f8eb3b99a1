/* Loads libcurl and finds its functions. Knows nothing of what they are used for. */
#include "data/curl_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* The name of the interface that <curl/curl.h> of version 7 describes. */
static const char library_name[] = "libcurl.so.4";

static struct {
    pthread_once_t once;
    nca__curl functions;
    bool loaded;
    char reason[256];
} library = {.once = PTHREAD_ONCE_INIT};

/* POSIX lets a function's address pass through void *, ISO C does not: hence the copy. */
static bool find(void *out_function, void *handle, const char *name)
{
    void *address = dlsym(handle, name);
    if (address == NULL) {
        snprintf(library.reason, sizeof library.reason, "it has no function %s", name);
        return false;
    }
    memcpy(out_function, &address, sizeof address);
    return true;
}

static void load(void)
{
    void *handle = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        const char *reason = dlerror();
        snprintf(library.reason, sizeof library.reason, "%s", reason != NULL ? reason : "unknown");
        return;
    }
    CURLcode (*global_init)(long flags) = NULL;
    nca__curl *f = &library.functions;
    if (find(&f->init, handle, "curl_easy_init") && find(&f->set, handle, "curl_easy_setopt") &&
        find(&f->perform, handle, "curl_easy_perform") &&
        find(&f->get, handle, "curl_easy_getinfo") &&
        find(&f->explain, handle, "curl_easy_strerror") &&
        find(&f->cleanup, handle, "curl_easy_cleanup") &&
        find(&global_init, handle, "curl_global_init")) {
        CURLcode code = global_init(CURL_GLOBAL_DEFAULT);
        library.loaded = code == CURLE_OK;
        snprintf(library.reason, sizeof library.reason, "%s", f->explain(code));
    }
}

nca_status nca__curl_load(const nca__curl **out_curl, nca_error *error)
{
    pthread_once(&library.once, load);
    if (!library.loaded) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "downloads need %s, which cannot be loaded (%s); install the package "
                         "libcurl4",
                         library_name, library.reason);
    }
    *out_curl = &library.functions;
    return NCA_OK;
}
