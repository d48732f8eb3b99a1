/* The runs that a command's argument names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "cli/runs/run_list.h"

static void make_run(void **state, const char *folder)
{
    char name[128];
    assert_int_equal(mkdir(path_in(*state, folder), 0700), 0);
    snprintf(name, sizeof name, "%s/" NCA_RUN_MODEL, folder);
    assert_int_equal(nca__file_write(path_in(*state, name), "", 0, NULL), NCA_OK);
}

static void a_sweep_is_a_list_of_its_runs(void **state)
{
    run_list list = {0};
    assert_int_equal(mkdir(path_in(*state, "sweep"), 0700), 0);
    assert_false(run_list_add(&list, path_in(*state, "sweep"), NCA_RUN_MODEL));
    assert_int_equal(mkdir(path_in(*state, "sweep/runs"), 0700), 0);
    make_run(state, "sweep/runs/b");
    make_run(state, "sweep/runs/a");
    for (int i = 0; i < 2; i++) {
        const char *given = i == 0 ? "sweep" : "sweep/runs";
        assert_true(run_list_add(&list, path_in(*state, given), NCA_RUN_MODEL));
        assert_int_equal(list.count, 2);
        assert_string_equal(strrchr(list.folders[0].text, '/'), "/a");
        run_list_free(&list);
    }
    assert_true(run_list_add(&list, path_in(*state, "sweep/runs/b"), NCA_RUN_MODEL));
    assert_int_equal(list.count, 1);
    run_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_sweep_is_a_list_of_its_runs, make_temporary_folder,
                                        remove_temporary_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
