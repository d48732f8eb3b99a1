/* Internal: libraries that are loaded when they are first needed.
 *
 * A library that is linked in the usual way is loaded at every start of the program, together with
 * its own dependencies: fonts and X11 for cairo, OpenSSL for libzip, about twenty more for libcurl.
 * Most commands need none of them, and the program took four times as long to start. Therefore each
 * library is a list of its functions, from which a table of pointers and a list of names are
 * generated:
 *
 *     #define SPNG_FUNCTIONS(F) F(spng_, ctx_new) F(spng_, ctx_free)
 *     static struct {
 *         SPNG_FUNCTIONS(NCA__LIBRARY_POINTER)
 *     } spng;
 *     static nca__library library = {
 *         .file = NCA_FILE_SPNG, (cmake/at_need.cmake finds these names)
 *         .package = "libspng0",
 *         .purpose = "PNG pictures",
 *         .names = (const char *const[]){SPNG_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
 *         .functions = &spng,
 *     };
 *
 * Once nca__library_open(&library, error) has returned NCA_OK, spng.ctx_new(0) calls
 * spng_ctx_new(0), with the type declared in the library's own header. */
#ifndef NCA_BASE_LIBRARY_H
#define NCA_BASE_LIBRARY_H

#include <stdbool.h>

#include "nca/status.h"

#define NCA__LIBRARY_POINTER(prefix, name) __typeof__(prefix##name) *name;
#define NCA__LIBRARY_NAME(prefix, name)    #prefix #name,

typedef struct nca__library {
    const char *file;         /* the file name for the loader */
    const char *package;      /* name of the Debian package that contains the file */
    const char *purpose;      /* what needs the library, in the plural: "downloads" */
    const char *const *names; /* names of its functions, terminated by NULL */
    void *functions; /* a struct with one function pointer for each name, in the same order */
    bool is_global;  /* libraries that it opens itself use its symbols */
    bool is_open;
} nca__library;

/* Fills the table, or returns NCA_UNSUPPORTED with the package to install. Every function that uses
 * a library calls this first. Any thread may call it, and all calls but the first cost nothing. A
 * library stays open until the process ends. */
nca_status nca__library_open(nca__library *library, nca_error *error);

#endif
