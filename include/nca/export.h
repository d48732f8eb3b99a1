/* What keeps the interface of the library stable.
 *
 * NCA_API marks the exported functions. The library is compiled with hidden visibility, so a
 * function without the mark cannot be called through the shared library. */
#ifndef NCA_EXPORT_H
#define NCA_EXPORT_H

#if defined(__GNUC__) && !defined(__wasm__)
#define NCA_API __attribute__((visibility("default")))
#else
#define NCA_API
#endif

/* An options struct is filled by its ..._default function and then changed. Each ends with reserved
 * fields that are 0. A later version takes new options from these fields, and its ..._default
 * function sets their defaults. Sizes and offsets stay the same, so a program compiled with older
 * headers keeps working, and one struct may contain another. An option that is smaller than a
 * reserved field is in a union with one. A function that takes options returns NCA_INVALID_ARGUMENT
 * if the reserved fields are not 0: either the struct was not filled, or the program was compiled
 * for a later version. */
enum {
    NCA_RESERVED = 8 /* fields of 64 bits */
};

#endif
