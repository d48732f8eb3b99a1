/* Internal: one large grid whose rows are dealt over the processes of a cluster, forward only.
 *
 * Process i has a strip: its own rows, and beside them up to NCA__STRIP_HALO rows of each of its
 * neighbours. It runs the strip as a grid of its own, whose cells draw the fire masks of their
 * place in the whole grid (nca__batch_options.first_row). What happens at an edge of the strip that
 * is none of the grid is wrong, but reaches only two rows further in each step: one by perception
 * and one by the alive mask. So after NCA__STRIP_STEPS steps exactly the own rows are right, with
 * the bits of the whole grid, and the neighbours exchange their rows again. */
#ifndef NCA_BACKEND_MPI_GRID_STRIPS_H
#define NCA_BACKEND_MPI_GRID_STRIPS_H

#include "backend/mpi/dealt_batch.h"

enum {
    NCA__STRIP_STEPS = 16,
    NCA__STRIP_HALO = 2 * NCA__STRIP_STEPS,
    NCA__STRIP_LEAST = 4 * NCA__STRIP_HALO /* own rows; with fewer, the halo would cost too much */
};

/* In how many strips a batch is to be divided; 1: it is not. */
size_t nca__strips_parts(const nca__batch_options *options, const nca__cluster *cluster);
/* At rank 0: the backend that does it, with strips on the device that was wanted. */
extern const nca__backend nca__backend_strips;

/* ---- The strip of one process. */
typedef struct nca__strip nca__strip;

nca_status nca__strip_create(nca__strip **out_strip, const nca__batch_options *whole, size_t parts,
                             size_t i, nca_error *error);
void nca__strip_destroy(nca__strip *strip); /* accepts NULL */
nca__batch *nca__strip_batch(nca__strip *strip);
/* Another process than rank 0: receives the strip if it was set, runs it, and sends its rows. */
nca_status nca__strip_serve(nca__strip *strip, nca__cluster *cluster, const nca__dealt_pass *pass,
                            nca_error *error);

#endif
