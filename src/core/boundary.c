/* The table of boundaries. */
#include "core/boundary.h"

static size_t circular(ptrdiff_t at, size_t size)
{
    const ptrdiff_t period = (ptrdiff_t)size;
    return (size_t)((at % period + period) % period);
}

/* 2 1 | 0 1 2 3 | 2 1: mirrored at the centre of the edge cell, which is not repeated. With a side
 * of one cell there is nothing to mirror, so the cell is repeated. */
static size_t reflect(ptrdiff_t at, size_t size)
{
    if (size == 1) {
        return 0;
    }
    const size_t place = circular(at, 2 * size - 2);
    return place < size ? place : 2 * size - 2 - place;
}

/* 0 0 | 0 1 2 3 | 3 3 */
static size_t replicate(ptrdiff_t at, size_t size)
{
    return at < 0 ? 0 : at < (ptrdiff_t)size ? (size_t)at : size - 1;
}

static const nca__boundary rows[NCA_BOUNDARY_COUNT] = {
    [NCA_BOUNDARY_ZERO] = {"zero", NULL, false},
    [NCA_BOUNDARY_CIRCULAR] = {"circular", circular, true},
    [NCA_BOUNDARY_REFLECT] = {"reflect", reflect, false},
    [NCA_BOUNDARY_REPLICATE] = {"replicate", replicate, false},
};

const nca__boundary *nca__boundary_of(nca_boundary boundary)
{
    return &rows[boundary];
}

size_t nca__boundary_source(const nca__boundary *boundary, ptrdiff_t at, size_t size)
{
    if (at >= 0 && at < (ptrdiff_t)size) {
        return (size_t)at;
    }
    return boundary->source != NULL ? boundary->source(at, size) : NCA__NOWHERE;
}

const char *nca_boundary_name(nca_boundary boundary)
{
    return (unsigned)boundary < NCA_BOUNDARY_COUNT ? rows[boundary].name : NULL;
}
