/* A team of threads. They wait on a condition variable, so waiting threads use no CPU time. */
#include "backend/cpu/team.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "nca/machine.h"

typedef struct member {
    nca__team *team;
    unsigned worker;
    pthread_t thread;
} member;

struct nca__team {
    unsigned size;    /* including the caller */
    member *members;  /* (size - 1) */
    unsigned started; /* number of threads that exist */
    pthread_mutex_t mutex;
    pthread_cond_t wake, done;
    unsigned long round; /* number of calls of nca__team_run */
    unsigned busy;
    bool closing;
    void (*work)(void *context, unsigned worker);
    void *context;
};

static void *member_main(void *argument)
{
    member *self = argument;
    nca__team *team = self->team;
    unsigned long seen = 0;
    pthread_mutex_lock(&team->mutex);
    for (;;) {
        while (team->round == seen && !team->closing) {
            pthread_cond_wait(&team->wake, &team->mutex);
        }
        if (team->closing) {
            break;
        }
        seen = team->round;
        pthread_mutex_unlock(&team->mutex);
        team->work(team->context, self->worker);
        pthread_mutex_lock(&team->mutex);
        if (--team->busy == 0) {
            pthread_cond_signal(&team->done);
        }
    }
    pthread_mutex_unlock(&team->mutex);
    return NULL;
}

/* Starts the threads with every signal blocked; returns an errno. */
static int start_members(nca__team *team)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = 0;
    while (team->started + 1 < team->size && code == 0) {
        member *next = &team->members[team->started];
        *next = (member){.team = team, .worker = team->started + 1};
        code = pthread_create(&next->thread, NULL, member_main, next);
        team->started += code == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

nca_status nca__team_create(nca__team **out_team, unsigned threads, nca_error *error)
{
    unsigned size = threads;
    if (threads == 0) {
        const unsigned cores = nca_core_count();
        size = cores < NCA__MOST_THREADS ? cores : NCA__MOST_THREADS;
    }
    if (size > NCA__MOST_THREADS) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "threads: %u is more than the limit of %d; this machine has %u cores",
                         size, NCA__MOST_THREADS, nca_core_count());
    }
    nca__team *team = calloc(1, sizeof *team);
    member *members = calloc(size, sizeof *members);
    if (team == NULL || members == NULL) {
        free(team);
        free(members);
        return nca__fail_memory(error, "the threads", size * sizeof *members);
    }
    team->size = size;
    team->members = members;
    pthread_mutex_init(&team->mutex, NULL);
    pthread_cond_init(&team->wake, NULL);
    pthread_cond_init(&team->done, NULL);
    int code = start_members(team);
    if (code != 0 && threads == 0) {
        /* One thread per core was only the default, so fewer threads are no error. */
        team->size = team->started + 1;
    } else if (code != 0) {
        unsigned got = team->started + 1;
        nca__team_destroy(team);
        return nca__fail(error, NCA_LIMIT,
                         "threads: %u requested, but the system allows only %u (%s)", size, got,
                         strerror(code));
    }
    *out_team = team;
    return NCA_OK;
}

void nca__team_destroy(nca__team *team)
{
    if (team == NULL) {
        return;
    }
    pthread_mutex_lock(&team->mutex);
    team->closing = true;
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->mutex);
    for (unsigned i = 0; i < team->started; i++) {
        pthread_join(team->members[i].thread, NULL);
    }
    pthread_cond_destroy(&team->done);
    pthread_cond_destroy(&team->wake);
    pthread_mutex_destroy(&team->mutex);
    free(team->members);
    free(team);
}

unsigned nca__team_size(const nca__team *team)
{
    return team->size;
}

void nca__team_run(nca__team *team, void (*work)(void *context, unsigned worker), void *context)
{
    pthread_mutex_lock(&team->mutex);
    team->work = work;
    team->context = context;
    team->busy = team->size - 1;
    team->round++;
    pthread_cond_broadcast(&team->wake);
    pthread_mutex_unlock(&team->mutex);
    work(context, 0);
    pthread_mutex_lock(&team->mutex);
    while (team->busy > 0) {
        pthread_cond_wait(&team->done, &team->mutex);
    }
    pthread_mutex_unlock(&team->mutex);
}
