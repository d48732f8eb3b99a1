/* Internal: libcurl, loaded by the first download. curl_easy_perform(h) is called as
 * nca__curl.easy_perform(h). */
#ifndef NCA_DATA_CURL_LIBRARY_H
#define NCA_DATA_CURL_LIBRARY_H

#include <curl/curl.h>

#include "base/library.h"

/* The header's type-checking macros would conflict with the members below. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

#define NCA__CURL_FUNCTIONS(F) \
    F(curl_, easy_cleanup)     \
    F(curl_, easy_getinfo)     \
    F(curl_, easy_init)        \
    F(curl_, easy_perform)     \
    F(curl_, easy_setopt)      \
    F(curl_, easy_strerror)    \
    F(curl_, global_init)

/* Empty until nca__curl_open. */
extern struct nca__curl_functions {
    NCA__CURL_FUNCTIONS(NCA__LIBRARY_POINTER)
} nca__curl;

/* NCA_UNSUPPORTED, with the package to install, if libcurl is not installed. Any thread may call
 * this. */
nca_status nca__curl_open(nca_error *error);

#endif
