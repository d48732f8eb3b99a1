/* Internal: a team of threads that sleeps until there is work. */
#ifndef NCA_BACKEND_CPU_TEAM_H
#define NCA_BACKEND_CPU_TEAM_H

#include "nca/status.h"

typedef struct nca__team nca__team;

enum {
    NCA__MOST_THREADS = 1024
};

/* A team of `threads`, including the thread that calls nca__team_run; 0: one per core, or as many
 * as the system allows. NCA_LIMIT if the system allows fewer than requested. The threads block all
 * signals, so signals are delivered to the program's own threads. */
nca_status nca__team_create(nca__team **out_team, unsigned threads, nca_error *error);
void nca__team_destroy(nca__team *team);
unsigned nca__team_size(const nca__team *team);

/* Calls work(context, worker) once on every thread, with worker = 0..size-1, and returns when all
 * calls have returned. */
void nca__team_run(nca__team *team, void (*work)(void *context, unsigned worker), void *context);

#endif
