/* For tests: a cluster whose processes are threads of the test, with messages through memory. */
#ifndef NCA_TESTS_THREAD_RANKS_H
#define NCA_TESTS_THREAD_RANKS_H

#include "backend/mpi/ranks.h"

enum {
    MOST_THREAD_RANKS = 64
};

/* Starts size - 1 threads that serve, and opens the cluster for this thread, which is rank 0. */
void thread_ranks_begin(unsigned size);
/* Closes the cluster, and waits for the threads. */
void thread_ranks_end(void);
/* From now on the messages of that rank are lost: every other one finds it gone. */
void thread_ranks_kill(unsigned rank);
/* The messages that rank 0 has sent. */
uint64_t thread_ranks_messages(void);
/* Whether rank `rank` had to end the others when it closed. */
bool thread_ranks_lost(unsigned rank);

#endif
