/* Internal: allocates arrays from one block of memory, each aligned to cache lines.
 *
 * The cursor is an integer, so carving from address 0 computes the size of the block. */
#ifndef NCA_CORE_CARVE_H
#define NCA_CORE_CARVE_H

#include <stddef.h>
#include <stdint.h>

static inline void *nca__carve(uintptr_t *cursor, size_t bytes)
{
    enum {
        LINE = 64
    };
    void *piece = (void *)*cursor;
    *cursor += (bytes + LINE - 1) / LINE * LINE;
    return piece;
}

#endif
