/* The version of libnca: macros for the headers a program was compiled with, functions for the
 * library it runs with. The numbers are defined only here; CMakeLists.txt reads them.
 *
 *     #if NCA_VERSION_NUMBER < NCA_VERSION_OF(0, 1, 0)
 *     #error "libnca 0.1.0 or later is required"
 *     #endif
 *
 * While the major version is 0, a new minor version may change the interface. */
#ifndef NCA_VERSION_H
#define NCA_VERSION_H

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NCA_VERSION_MAJOR 0
#define NCA_VERSION_MINOR 1
#define NCA_VERSION_PATCH 0

/* The day of this version. */
#define NCA_VERSION_DATE "2026-11-30"

/* A version as one number, which is larger for a later version; and the number of this version. */
#define NCA_VERSION_OF(major, minor, patch) ((major)*1000000L + (minor)*1000L + (patch))

#define NCA_VERSION_NUMBER NCA_VERSION_OF(NCA_VERSION_MAJOR, NCA_VERSION_MINOR, NCA_VERSION_PATCH)

/* This version as text: "0.1.0". */
#define NCA_VERSION_TEXT_OF_(major, minor, patch) #major "." #minor "." #patch
#define NCA_VERSION_TEXT_OF(major, minor, patch)  NCA_VERSION_TEXT_OF_(major, minor, patch)
#define NCA_VERSION_STRING \
    NCA_VERSION_TEXT_OF(NCA_VERSION_MAJOR, NCA_VERSION_MINOR, NCA_VERSION_PATCH)

/* NCA_VERSION_STRING and NCA_VERSION_NUMBER of the library that the program is running with. Both
 * functions may be called from any thread. */
NCA_API const char *nca_version(void);
NCA_API long nca_version_number(void);

#ifdef __cplusplus
}
#endif
#endif
