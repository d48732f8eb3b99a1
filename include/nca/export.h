/* NCA_API marks what libnca exports. The library is compiled with hidden visibility, so a function
 * without the mark cannot be called through the shared library. */
#ifndef NCA_EXPORT_H
#define NCA_EXPORT_H

#if defined(__GNUC__) && !defined(__wasm__)
#define NCA_API __attribute__((visibility("default")))
#else
#define NCA_API
#endif

#endif
