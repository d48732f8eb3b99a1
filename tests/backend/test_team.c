/* The team of threads: calls, signals, and the behaviour if the system provides fewer threads than
 * requested. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "backend/cpu/team.h"
#include "nca/machine.h"
#include "sanitized.h"

enum {
    SIZE = 9
};

typedef struct calls {
    atomic_uint of[SIZE];
    pthread_t caller, by[SIZE];
    sigset_t blocked[SIZE];
} calls;

static nca__team *make_team(unsigned threads)
{
    nca__team *team = NULL;
    nca_error error = {0};
    if (nca__team_create(&team, threads, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return team;
}

static void note_call(void *context, unsigned worker)
{
    calls *noted = context;
    noted->of[worker]++;
    noted->by[worker] = pthread_self();
    pthread_sigmask(SIG_SETMASK, NULL, &noted->blocked[worker]);
}

static void every_worker_is_called_once_a_round(void **state)
{
    (void)state;
    for (unsigned size = 1; size <= SIZE; size += 4) {
        nca__team *team = make_team(size);
        calls noted = {.caller = pthread_self()};
        assert_int_equal(nca__team_size(team), size);
        for (unsigned round = 1; round <= 100; round++) {
            nca__team_run(team, note_call, &noted);
            for (unsigned worker = 0; worker < SIZE; worker++) {
                assert_int_equal(noted.of[worker], worker < size ? round : 0);
            }
        }
        for (unsigned worker = 0; worker < size; worker++) {
            assert_int_equal(pthread_equal(noted.by[worker], noted.caller) != 0, worker == 0);
        }
        nca__team_destroy(team);
    }
    nca__team_destroy(NULL);
}

static void a_team_that_never_ran_ends(void **state)
{
    (void)state;
    nca__team_destroy(make_team(SIZE));
}

static void threads_block_signals_and_the_caller_keeps_its_own(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGALRM, SIGCHLD, SIGWINCH};
    calls noted = {.caller = pthread_self()};
    nca__team *team = make_team(3);
    nca__team_run(team, note_call, &noted);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        assert_int_equal(sigismember(&noted.blocked[0], signals[i]), 0);
        assert_int_equal(sigismember(&noted.blocked[1], signals[i]), 1);
        assert_int_equal(sigismember(&noted.blocked[2], signals[i]), 1);
    }
    nca__team_destroy(team);
}

static void more_threads_than_makes_sense_are_refused(void **state)
{
    (void)state;
    nca__team *team = (nca__team *)&team;
    nca_error error = {0};
    assert_int_equal(nca__team_create(&team, NCA__MOST_THREADS + 1, &error), NCA_INVALID_ARGUMENT);
    assert_ptr_equal(team, &team);
    assert_non_null(strstr(error.message, "1025"));
}

#ifndef SANITIZED /* sanitizers start threads in their own way */
/* Calls nca__team_create when no thread can start: no address space can hold two stacks of 2^46
 * bytes. */
static nca_status create_without_room(nca__team **out_team, unsigned threads, nca_error *error)
{
    pthread_attr_t before, endless;
    assert_int_equal(pthread_getattr_default_np(&before), 0);
    assert_int_equal(pthread_getattr_default_np(&endless), 0);
    assert_int_equal(pthread_attr_setstacksize(&endless, (size_t)1 << 46), 0);
    assert_int_equal(pthread_setattr_default_np(&endless), 0);
    nca_status status = nca__team_create(out_team, threads, error);
    assert_int_equal(pthread_setattr_default_np(&before), 0);
    pthread_attr_destroy(&before);
    pthread_attr_destroy(&endless);
    return status;
}
#endif

static void threads_that_the_system_does_not_give_are_an_error(void **state)
{
    (void)state;
#ifdef SANITIZED
    skip();
#else
    nca__team *team = (nca__team *)&team;
    nca_error error = {0};
    assert_int_equal(create_without_room(&team, SIZE, &error), NCA_LIMIT);
    assert_ptr_equal(team, &team);
    assert_non_null(strstr(error.message, "9"));
#endif
}

static void the_default_team_has_the_threads_that_the_system_gives(void **state)
{
    (void)state;
#ifdef SANITIZED
    skip();
#else
    nca__team *team = NULL;
    nca_error error = {0};
    assert_int_equal(create_without_room(&team, 0, &error), NCA_OK);
    const unsigned size = nca__team_size(team);
    assert_in_range(size, 1, nca_core_count() > 2 ? 2 : 1);
    calls noted = {.caller = pthread_self()};
    nca__team_run(team, note_call, &noted);
    for (unsigned worker = 0; worker < size; worker++) {
        assert_int_equal(atomic_load(&noted.of[worker]), 1);
    }
    nca__team_destroy(team);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_worker_is_called_once_a_round),
        cmocka_unit_test(a_team_that_never_ran_ends),
        cmocka_unit_test(threads_block_signals_and_the_caller_keeps_its_own),
        cmocka_unit_test(more_threads_than_makes_sense_are_refused),
        cmocka_unit_test(threads_that_the_system_does_not_give_are_an_error),
        cmocka_unit_test(the_default_team_has_the_threads_that_the_system_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
