/* Libraries that are loaded on demand: the table that is filled, and the message if that fails. */
#include "base/library.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <yaml.h>

#include "base/error.h"

/* libyaml is linked, so the addresses of its functions are known. */
#define YAML_FUNCTIONS(F)        \
    F(yaml_, get_version_string) \
    F(yaml_, parser_delete)      \
    F(yaml_, get_version)

static struct {
    YAML_FUNCTIONS(NCA__LIBRARY_POINTER)
} yaml;

static const nca__library described = {
    .file = "libyaml-0.so.2",
    .package = "libyaml-0-2",
    .purpose = "tests",
    .names = (const char *const[]){YAML_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &yaml,
};

static void an_open_library_has_every_function_in_its_place(void **state)
{
    (void)state;
    nca__library library = described;
    nca_error error = {0};
    memset(&yaml, 0, sizeof yaml);
    assert_int_equal(nca__library_open(&library, &error), NCA_OK);
    assert_true(library.is_open);
    assert_true(yaml.get_version_string == yaml_get_version_string);
    assert_true(yaml.parser_delete == yaml_parser_delete);
    assert_true(yaml.get_version == yaml_get_version);
    int major = -1, minor = -1, patch = -1;
    yaml.get_version(&major, &minor, &patch);
    assert_int_equal(major, 0);
    assert_int_equal(nca__library_open(&library, &error), NCA_OK);
}

static void a_missing_library_is_an_error_that_names_its_package(void **state)
{
    (void)state;
    nca__library library = described;
    library.file = "libnca-is-not-here.so.7";
    library.package = "libabsent7";
    library.purpose = "weather maps";
    for (int attempt = 0; attempt < 2; attempt++) {
        nca_error error = {0};
        assert_int_equal(nca__library_open(&library, &error), NCA_UNSUPPORTED);
        assert_non_null(strstr(error.message, "weather maps need libnca-is-not-here.so.7"));
        assert_non_null(strstr(error.message, "install the package libabsent7"));
        assert_false(library.is_open);
    }
    assert_int_equal(nca__library_open(&library, NULL), NCA_UNSUPPORTED);
}

static void a_library_without_a_function_is_refused_and_may_come_later(void **state)
{
    (void)state;
    nca__library library = described;
    library.names = (const char *const[]){"yaml_get_version_string", "yaml_get_weather", NULL};
    nca_error error = {0};
    assert_int_equal(nca__library_open(&library, &error), NCA_UNSUPPORTED);
    assert_non_null(strstr(error.message, "yaml_get_weather"));
    assert_non_null(strstr(error.message, "libyaml-0-2"));
    assert_false(library.is_open);
    library.names = described.names;
    assert_int_equal(nca__library_open(&library, &error), NCA_OK);
}

static void *open_and_call(void *shared)
{
    if (nca__library_open(shared, NULL) != NCA_OK) {
        return NULL;
    }
    return (void *)(uintptr_t)yaml.get_version_string();
}

static void threads_may_open_a_library_together(void **state)
{
    (void)state;
    nca__library library = described;
    memset(&yaml, 0, sizeof yaml);
    pthread_t threads[8];
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, open_and_call, &library), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        void *said = NULL;
        assert_int_equal(pthread_join(threads[i], &said), 0);
        assert_ptr_equal(said, yaml_get_version_string());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_library_has_every_function_in_its_place),
        cmocka_unit_test(a_missing_library_is_an_error_that_names_its_package),
        cmocka_unit_test(a_library_without_a_function_is_refused_and_may_come_later),
        cmocka_unit_test(threads_may_open_a_library_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
