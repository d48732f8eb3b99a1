/* Calls that must succeed. */
#ifndef NCA_TESTS_ASSERT_OK_H
#define NCA_TESTS_ASSERT_OK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nca/status.h"

/* Filled by the calls in assert_ok, so that a failing test shows the message. */
static nca_error failure;

#define assert_ok(call)                                                           \
    do {                                                                          \
        const nca_status status_of_call = (call);                                 \
        if (status_of_call != NCA_OK) {                                           \
            fail_msg("%s: %s", nca_status_name(status_of_call), failure.message); \
        }                                                                         \
    } while (0)

#endif
