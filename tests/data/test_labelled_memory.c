/* Labelled images when memory runs out at any single place: the error says so and nothing leaks.
 * The linker redirects the library's allocations to base/failing_memory.h. */
#include "base/failing_memory.h"
#include "data/labelled_fixture.h"
#include "data/made_set.h"

/* Fails every allocation in turn; in the last run none fails. */
static void fail_everywhere(const char *source, const nca_labelled_options *options)
{
    nca_status status = NCA_OUT_OF_MEMORY;
    long places = 0;
    for (; status != NCA_OK; places++) {
        nca_labelled *data = NULL;
        nca_error error = {0};
        before_failure = places;
        asked = 0;
        status = nca_labelled_open(&data, source, options, &error);
        before_failure = -1;
        if (status == NCA_OK && asked > places) {
            fail_msg("%s: succeeded without memory, at place %ld", source, places);
        }
        if (status != NCA_OK && status != NCA_OUT_OF_MEMORY) {
            fail_msg("%s, place %ld: %s", source, places, error.message);
        }
        assert_true((status == NCA_OK) == (data != NULL));
        nca_labelled_close(data);
    }
    assert_true(places > 10);
}

static void a_folder_without_memory_is_an_error(void **state)
{
    temporary_folder *folder = *state;
    put_grey(folder, "b/1.png", 1);
    put_rgba(folder, "b/2.png", 5, 4, 0x102030, 200);
    put_grey(folder, "a/3.png", 2);
    put_grey(folder, "a/4.png", 1);
    put_text(folder, "a/5.png", "broken");
    nca_labelled_options options = default_options();
    options.skip_broken = true;
    options.size = 3;
    fail_everywhere(folder->path, &options);
    options.memory_limit = 0;
    fail_everywhere(folder->path, &options);
}

static void a_table_without_memory_is_an_error(void **state)
{
    temporary_folder *folder = *state;
    put_grey(folder, "1.png", 1);
    put_grey(folder, "2.png", 2);
    put_text(folder, "t.csv", "1.png,a,train\n2.png,b,train\n1.png,a,test\n");
    const nca_labelled_options options = default_options();
    char path[1100];
    snprintf(path, sizeof path, "%s", path_in(folder, "t.csv"));
    fail_everywhere(path, &options);
}

static void an_archive_without_memory_is_an_error(void **state)
{
    made_set made = small_set();
    nca_labelled_options options = default_options();
    options.size = 3;
    char path[1100];
    snprintf(path, sizeof path, "%s", write_set(*state, "some.npz", &made));
    fail_everywhere(path, &options);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_temporary_folder, remove_temporary_folder)
    const struct CMUnitTest tests[] = {
        TEST(a_folder_without_memory_is_an_error),
        TEST(a_table_without_memory_is_an_error),
        TEST(an_archive_without_memory_is_an_error),
    };
#undef TEST
    return cmocka_run_group_tests_name("labelled memory", tests, NULL, NULL);
}
