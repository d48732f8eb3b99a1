/* Internal: the contents of a message, put in and taken out piece by piece. Every piece begins at a
 * multiple of 8 bytes, so that numbers and structs can be used where they lie. */
#ifndef NCA_BACKEND_MPI_PARCEL_H
#define NCA_BACKEND_MPI_PARCEL_H

#include <stdbool.h>
#include <stddef.h>

/* A zeroed parcel is empty. */
typedef struct nca__parcel {
    unsigned char *bytes;
    size_t size, capacity;
    size_t taken;  /* bytes that have been taken out */
    bool is_short; /* memory ran out, or more was taken than there is */
} nca__parcel;

void nca__parcel_free(nca__parcel *parcel);
/* Empties it, and keeps its memory. */
void nca__parcel_clear(nca__parcel *parcel);
/* Makes room for `count` bytes in all; false if memory runs out. Without it, adding may move what
 * is in the parcel. */
bool nca__parcel_reserve(nca__parcel *parcel, size_t count);
/* Adds a piece and returns its place; `piece` NULL: the caller fills it. NULL if memory runs out.
 */
void *nca__parcel_add(nca__parcel *parcel, const void *piece, size_t count);
/* The next piece, which stays in the parcel; NULL if there is less. */
const void *nca__parcel_take(nca__parcel *parcel, size_t count);
/* The bytes that a piece takes. */
size_t nca__parcel_piece(size_t count);

#endif
