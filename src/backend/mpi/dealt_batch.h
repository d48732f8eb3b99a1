/* Internal: batches that are dealt over the processes of a cluster, and the commands for them.
 *
 * The samples of a batch are dealt in equal parts, which differ by one sample at most: process i
 * has the samples part_first(i) .. part_first(i+1)-1. Every process runs its part as a batch of its
 * own on the backend of the device. The parts have the fire masks of their samples and the weights
 * of the whole batch, and gradients come back for each sample and are added in the order of
 * samples, so the bits are those of one process. */
#ifndef NCA_BACKEND_MPI_DEALT_BATCH_H
#define NCA_BACKEND_MPI_DEALT_BATCH_H

#include "backend/device_choice.h"
#include "backend/mpi/ranks.h"

typedef enum nca__command {
    NCA__COMMAND_END,
    NCA__COMMAND_JOBS,
    NCA__COMMAND_CREATE,
    NCA__COMMAND_DESTROY,
    NCA__COMMAND_RUN,
    NCA__COMMAND_TRAIN,
    NCA__COMMAND_CREATE_STRIPS, /* grid_strips.h */
    NCA__COMMAND_RUN_STRIPS
} nca__command;

/* The first piece of every command. */
typedef struct nca__command_head {
    uint64_t command;
    uint64_t batch; /* number of the batch; batches are numbered in the order of their creation */
} nca__command_head;

enum {
    NCA__NAME_SIZE = 32
};

/* The second piece of CREATE and CREATE_STRIPS: the options of the whole batch. */
typedef struct nca__dealt_options {
    nca_automaton automaton;
    uint64_t device, precision;
    uint64_t batch, height, width, parts;
    uint64_t threads, first_sample, mask_sets, max_steps, memory_limit, kept_hidden, losses;
    char kernels[NCA__NAME_SIZE];   /* "": the best of each process */
    char objective[NCA__NAME_SIZE]; /* "": none */
} nca__dealt_options;

/* The second piece of RUN, TRAIN and RUN_STRIPS. If the parameters have changed, they follow. */
typedef struct nca__dealt_pass {
    uint64_t first_step, steps, seed, iteration;
    uint64_t parameters;              /* whether they follow */
    uint64_t states;                  /* RUN_STRIPS: whether the grid was set: it follows */
    uint64_t final, initial_gradient; /* TRAIN: what is wanted */
    float fire_rate;
} nca__dealt_pass;

/* TRAIN: what the objective asks of the samples of a part. `changed` packed pieces follow if they
 * are not those of the last pass, then for each sample the number of its piece, then the states. */
typedef struct nca__dealt_asked {
    uint64_t count, changed;
} nca__dealt_asked;

/* The first sample of part i of `parts`. */
size_t nca__part_first(size_t batch, size_t parts, size_t i);
/* The options of a part, without a backend. */
nca__batch_options nca__part_options(const nca__batch_options *whole, size_t parts, size_t i);

/* The options as a message, and the options of a message in another process, with its own cores,
 * kernels and backend. */
void nca__dealt_pack(nca__dealt_options *out, const nca__batch_options *options, size_t parts);
nca_status nca__dealt_unpack(nca__batch_options *out, const nca__dealt_options *sent,
                             const nca__cluster *cluster, const nca__cluster_services *services,
                             nca_error *error);
/* Sets the backend and the device of a part that this process runs. */
void nca__dealt_choose(nca__batch_options *options, nca_device device, const nca__cluster *cluster);
/* A number for a new batch. The cluster is locked. */
uint64_t nca__dealt_number(void);

/* Deals batches of every device over the cluster, or again runs them in this process alone. */
void nca__dealt_begin(nca__cluster *cluster);
void nca__dealt_end(void);

/* The batches of another process than rank 0. */
typedef struct nca__dealt_parts nca__dealt_parts;

nca_status nca__dealt_parts_create(nca__dealt_parts **out_worker, nca__cluster *cluster,
                                   const nca__cluster_services *services, nca_error *error);
void nca__dealt_parts_destroy(nca__dealt_parts *worker);
/* Carries out a command that has been received and whose head has been taken. */
nca_status nca__dealt_parts_obey(nca__dealt_parts *worker, const nca__command_head *head,
                                 nca__parcel *command, nca_error *error);

#endif
