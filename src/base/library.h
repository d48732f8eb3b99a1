/* Internal: libraries that are opened when they are first needed.
 *
 * Linked in the usual way, a library is loaded by every start of the program, with all that it
 * needs itself: cairo brings fonts and X11, libzip brings OpenSSL, libcurl brings some twenty more.
 * Most commands need none of them, and starting took four times as long. So each library is a list
 * of its functions, from which a table of pointers and the names to look up are made:
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
 * spng_ctx_new(0), with the type that the library's own header gives it. */
#ifndef NCA_BASE_LIBRARY_H
#define NCA_BASE_LIBRARY_H

#include <stdbool.h>

#include "nca/status.h"

#define NCA__LIBRARY_POINTER(prefix, name) __typeof__(prefix##name) *name;
#define NCA__LIBRARY_NAME(prefix, name)    #prefix #name,

typedef struct nca__library {
    const char *file;         /* the file name for the loader */
    const char *package;      /* the package of Debian that holds the file */
    const char *purpose;      /* what needs it, in the plural: "downloads" */
    const char *const *names; /* its functions' names, NULL at the end */
    void *functions;          /* a struct of one function pointer for each name, in their order */
    bool is_open;
} nca__library;

/* Fills the table, or says which package to install (NCA_UNSUPPORTED). Every function that begins
 * to use a library calls this first; any thread may, and all calls but the first cost nothing. An
 * open library stays so until the process ends. */
nca_status nca__library_open(nca__library *library, nca_error *error);

#endif
