/* An iteration allocates no memory: the linker redirects the library's calls to this file
 * (tests/CMakeLists.txt). */
#include "train/session_fixture.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void **out, size_t alignment, size_t size);

static size_t allocations; /* by any thread */

static void count_one(void)
{
    __atomic_fetch_add(&allocations, 1, __ATOMIC_RELAXED);
}

void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    count_one();
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    count_one();
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size)
{
    count_one();
    return __real_realloc(block, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    count_one();
    return __real_aligned_alloc(alignment, size);
}

int __wrap_posix_memalign(void **out, size_t alignment, size_t size);
int __wrap_posix_memalign(void **out, size_t alignment, size_t size)
{
    count_one();
    return __real_posix_memalign(out, alignment, size);
}

static void assert_allocates_nothing(nca_settings settings)
{
    for (unsigned threads = 1; threads <= 3; threads++) {
        settings.threads = threads;
        const size_t before = allocations;
        nca_session *session = small_session(&settings);
        assert_true(allocations > before); /* these calls are really counted */
        const size_t made = allocations;
        run_session(session, settings.iterations);
        assert_int_equal(allocations, made);
        nca_session_destroy(session);
    }
}

static void an_iteration_allocates_nothing(void **state)
{
    (void)state;
    assert_allocates_nothing(small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_REGENERATING));
    assert_allocates_nothing(small_settings(NCA_RECIPE_MEDMNIST, NCA_EXPERIMENT_PERSISTENT));
    assert_allocates_nothing(small_settings(NCA_RECIPE_FAST, NCA_EXPERIMENT_REGENERATING));
}

static void nor_does_one_in_bf16(void **state)
{
    (void)state;
    nca_settings settings = small_settings(NCA_RECIPE_DISTILL, NCA_EXPERIMENT_REGENERATING);
    snprintf(settings.kernels, sizeof settings.kernels, "scalar");
    settings.precision = NCA_PRECISION_BF16;
    assert_allocates_nothing(settings);
    settings.precision = NCA_PRECISION_BF16_AMX;
    assert_allocates_nothing(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_iteration_allocates_nothing),
        cmocka_unit_test(nor_does_one_in_bf16),
    };
    return cmocka_run_group_tests_name("allocations", tests, NULL, NULL);
}
