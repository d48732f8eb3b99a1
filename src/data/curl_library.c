/* Loads the functions of libcurl and initialises it. */
#include "data/curl_library.h"

#include <pthread.h>
#include <stddef.h>

#include "base/error.h"

struct nca__curl_functions nca__curl;

static nca__library library = {
    .file = NCA_FILE_CURL,
    .package = "libcurl4",
    .purpose = "downloads",
    .names = (const char *const[]){NCA__CURL_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &nca__curl,
};

static CURLcode started;

static void start(void)
{
    started = nca__curl.global_init(CURL_GLOBAL_DEFAULT);
}

nca_status nca__curl_open(nca_error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    nca_status status = nca__library_open(&library, error);
    if (status != NCA_OK) {
        return status;
    }
    pthread_once(&once, start);
    if (started != CURLE_OK) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "downloads need libcurl, which cannot be initialised: %s",
                         nca__curl.easy_strerror(started));
    }
    return NCA_OK;
}
