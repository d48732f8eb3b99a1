/* What keeps the interface of the library stable.
 *
 * NCA_API marks what libnca exports. The library is compiled with hidden visibility, so a function
 * without the mark cannot be called through the shared library. */
#ifndef NCA_EXPORT_H
#define NCA_EXPORT_H

#if defined(__GNUC__) && !defined(__wasm__)
#define NCA_API __attribute__((visibility("default")))
#else
#define NCA_API
#endif

/* Options structs are filled by their ..._default function, then changed. Each ends in room that is
 * 0. A later version takes new options from it, whose default its ..._default function sets, so
 * that size and offsets stay: a program that was compiled with older headers keeps working, and a
 * struct may hold another. An option that is smaller than a place of the room is in a union with
 * one. A function that takes options returns NCA_INVALID_ARGUMENT when the room
 * is not 0: the struct was not filled, or by a program that was compiled for a later version. */
enum {
    NCA_RESERVED = 8 /* places of 64 bits */
};

#endif
