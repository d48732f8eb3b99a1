/* For tests: memory that runs out at a chosen allocation. The linker redirects the library's
 * allocations to this file (tests/CMakeLists.txt), which only one file of a program includes. */
#ifndef NCA_TESTS_BASE_FAILING_MEMORY_H
#define NCA_TESTS_BASE_FAILING_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);

static long before_failure = -1; /* number of allocations that still succeed; -1: all do */
static long asked;               /* number of allocations so far */

static bool memory_fails(void)
{
    asked++;
    return before_failure >= 0 && before_failure-- == 0;
}

void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return memory_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    return memory_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size)
{
    return memory_fails() ? NULL : __real_realloc(block, size);
}

#endif
