/* Internal: libcurl, loaded when it is first needed.
 *
 * Linked in the usual way, libcurl brings some twenty more libraries (TLS, HTTP/2, LDAP, Kerberos,
 * SSH), and starting the program, whatever it is to do, takes twice as long. So it is opened with
 * dlopen by the first download. */
#ifndef NCA_DATA_CURL_LIBRARY_H
#define NCA_DATA_CURL_LIBRARY_H

#include <curl/curl.h>

#include "nca/status.h"

/* The header's type-checking macros would get in the way of the members below. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

typedef struct nca__curl {
    CURL *(*init)(void);
    CURLcode (*set)(CURL *handle, CURLoption option, ...);
    CURLcode (*perform)(CURL *handle);
    CURLcode (*get)(CURL *handle, CURLINFO info, ...);
    const char *(*explain)(CURLcode code);
    void (*cleanup)(CURL *handle);
} nca__curl;

/* The functions, or NCA_UNSUPPORTED with the package to install. Any thread may call it. The
 * library stays loaded until the process ends. */
nca_status nca__curl_load(const nca__curl **out_curl, nca_error *error);

#endif
