/* See parcel.h. */
#include "backend/mpi/parcel.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEP = 8
};

size_t nca__parcel_piece(size_t count)
{
    return (count + STEP - 1) / STEP * STEP;
}

void nca__parcel_free(nca__parcel *parcel)
{
    free(parcel->bytes);
    *parcel = (nca__parcel){0};
}

void nca__parcel_clear(nca__parcel *parcel)
{
    parcel->size = parcel->taken = 0;
    parcel->is_short = false;
}

bool nca__parcel_reserve(nca__parcel *parcel, size_t count)
{
    if (count <= parcel->capacity) {
        return true;
    }
    unsigned char *bytes = realloc(parcel->bytes, count);
    if (bytes == NULL) {
        parcel->is_short = true;
        return false;
    }
    parcel->bytes = bytes;
    parcel->capacity = count;
    return true;
}

void *nca__parcel_add(nca__parcel *parcel, const void *piece, size_t count)
{
    const size_t size = parcel->size + nca__parcel_piece(count);
    if (parcel->is_short || count > SIZE_MAX / 4 || parcel->size > SIZE_MAX / 4) {
        parcel->is_short = true;
        return NULL;
    }
    if (size > parcel->capacity && !nca__parcel_reserve(parcel, size + parcel->capacity)) {
        return NULL;
    }
    unsigned char *place = parcel->bytes + parcel->size;
    if (piece != NULL && count > 0) {
        memcpy(place, piece, count);
    }
    memset(place + count, 0, size - parcel->size - count);
    parcel->size = size;
    return place;
}

const void *nca__parcel_take(nca__parcel *parcel, size_t count)
{
    if (parcel->is_short || count > parcel->size - parcel->taken) {
        parcel->is_short = true;
        return NULL;
    }
    const unsigned char *place = parcel->bytes + parcel->taken;
    const size_t left = parcel->size - parcel->taken, piece = nca__parcel_piece(count);
    parcel->taken += piece < left ? piece : left;
    return place;
}
