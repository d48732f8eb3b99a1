/* The catalogue of MedMNIST: its figures are those of the published table; queries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "nca/medmnist_catalogue.h"
#include "says.h"

static void there_are_twelve_flat_sets_and_six_of_volumes(void **state)
{
    (void)state;
    size_t flat = 0, deep = 0;
    for (size_t i = 0; i < nca_medmnist_set_count(); i++) {
        const nca_medmnist_set *set = nca_medmnist_set_at(i);
        flat += set->dimensions == 2;
        deep += set->dimensions == 3;
        assert_int_equal(set->file_count, set->dimensions == 2 ? 4 : 2);
    }
    assert_int_equal(flat, 12);
    assert_int_equal(deep, 6);
    assert_null(nca_medmnist_set_at(18));
}

static void every_row_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < nca_medmnist_set_count(); i++) {
        const nca_medmnist_set *set = nca_medmnist_set_at(i);
        assert_ptr_equal(nca_medmnist_set_named(set->name), set);
        assert_ptr_equal(nca_medmnist_set_named(set->title), set);
        assert_true(set->channels == 1 || set->channels == 3);
        assert_true(set->count[0] > set->count[1] && set->count[1] > 0 && set->count[2] > 0);
        for (uint32_t k = 0; k < set->classes; k++) {
            assert_non_null(set->labels[k]);
            assert_true(strlen(set->labels[k]) > 0);
        }
        for (uint32_t k = 0; k < set->file_count; k++) {
            assert_int_equal(strlen(set->files[k].md5), 32);
            assert_non_null(strstr(set->files[k].url, set->name));
            assert_true(k == 0 || set->files[k].size > set->files[k - 1].size);
        }
    }
}

static void known_facts_of_breastmnist_are_there(void **state)
{
    (void)state;
    const nca_medmnist_set *set = nca_medmnist_set_named("BREASTmnist");
    assert_non_null(set);
    assert_string_equal(set->title, "BreastMNIST");
    assert_string_equal(set->task, "binary-class");
    assert_string_equal(set->licence, "CC BY 4.0");
    assert_int_equal(set->count[NCA_SPLIT_TRAIN], 546);
    assert_int_equal(set->count[NCA_SPLIT_VAL], 78);
    assert_int_equal(set->count[NCA_SPLIT_TEST], 156);
    assert_int_equal(set->classes, 2);
    assert_string_equal(set->labels[0], "malignant");
    assert_string_equal(set->labels[1], "normal, benign");
    assert_string_equal(nca_medmnist_set_file(set, 28)->md5, "750601b1f35ba3300ea97c75c52ff8f6");
    assert_null(nca_medmnist_set_file(set, 32));
}

static void titles_are_spelt_as_the_project_spells_them(void **state)
{
    (void)state;
    static const char *const titles[] = {
        "PathMNIST",       "ChestMNIST",    "DermaMNIST",    "OCTMNIST",      "PneumoniaMNIST",
        "RetinaMNIST",     "BreastMNIST",   "BloodMNIST",    "TissueMNIST",   "OrganAMNIST",
        "OrganCMNIST",     "OrganSMNIST",   "OrganMNIST3D",  "NoduleMNIST3D", "AdrenalMNIST3D",
        "FractureMNIST3D", "VesselMNIST3D", "SynapseMNIST3D"};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        assert_string_equal(nca_medmnist_set_at(i)->title, titles[i]);
    }
}

static void only_dermamnist_forbids_commercial_use(void **state)
{
    (void)state;
    for (size_t i = 0; i < nca_medmnist_set_count(); i++) {
        const nca_medmnist_set *set = nca_medmnist_set_at(i);
        bool derma = strcmp(set->name, "dermamnist") == 0;
        assert_string_equal(set->licence, derma ? "CC BY-NC 4.0" : "CC BY 4.0");
    }
}

static void a_sum_finds_its_set_and_size(void **state)
{
    (void)state;
    const nca_medmnist_file *file = NULL;
    const nca_medmnist_set *set =
        nca_medmnist_set_with_md5(&file, "742EDEF2A1FD1524B2EFFF4BD7BA9364");
    assert_ptr_equal(set, nca_medmnist_set_named("breastmnist"));
    assert_int_equal(file->size, 64);
    assert_null(nca_medmnist_set_with_md5(NULL, "00000000000000000000000000000000"));
    assert_null(nca_medmnist_set_with_md5(NULL, ""));
}

static void paths_are_those_of_the_python_package(void **state)
{
    (void)state;
    char path[64];
    nca_error error;
    const nca_medmnist_set *set = nca_medmnist_set_named("organmnist3d");
    assert_int_equal(nca_medmnist_path(path, sizeof path, "/data", set, 28, &error), NCA_OK);
    assert_string_equal(path, "/data/organmnist3d.npz");
    assert_int_equal(nca_medmnist_path(path, sizeof path, "/data/", set, 64, &error), NCA_OK);
    assert_string_equal(path, "/data/organmnist3d_64.npz");
    assert_int_equal(nca_medmnist_path(path, sizeof path, "", set, 64, &error), NCA_OK);
    assert_string_equal(path, "organmnist3d_64.npz");
}

static void a_size_that_the_set_lacks_is_refused_with_those_it_has(void **state)
{
    (void)state;
    char path[64] = "untouched";
    nca_error error;
    const nca_medmnist_set *set = nca_medmnist_set_named("organmnist3d");
    assert_int_equal(nca_medmnist_path(path, sizeof path, "/data", set, 128, &error),
                     NCA_INVALID_ARGUMENT);
    assert_says(error.message, "OrganMNIST3D:*size*28*64*pixels*128*");
    assert_string_equal(path, "untouched");
    set = nca_medmnist_set_named("breastmnist");
    assert_int_equal(nca_medmnist_path(path, sizeof path, "/data", set, 0, &error),
                     NCA_INVALID_ARGUMENT);
    assert_says(error.message, "BreastMNIST:*size*28*64*128*224*0*");
}

static void a_path_that_just_fits_is_written_and_one_that_does_not_is_refused(void **state)
{
    (void)state;
    char path[sizeof "/d/octmnist_224.npz"] = "untouched";
    nca_error error;
    const nca_medmnist_set *set = nca_medmnist_set_named("octmnist");
    assert_int_equal(nca_medmnist_path(path, sizeof path - 1, "/d", set, 224, &error), NCA_LIMIT);
    assert_string_equal(path, "untouched");
    assert_int_equal(nca_medmnist_path(path, sizeof path, "/d", set, 224, &error), NCA_OK);
    assert_string_equal(path, "/d/octmnist_224.npz");
}

static void splits_have_the_names_of_the_arrays(void **state)
{
    (void)state;
    assert_string_equal(nca_split_name(NCA_SPLIT_TRAIN), "train");
    assert_string_equal(nca_split_name(NCA_SPLIT_VAL), "val");
    assert_string_equal(nca_split_name(NCA_SPLIT_TEST), "test");
    assert_string_equal(nca_split_name(NCA_SPLIT_COUNT), "unknown");
}

static void the_citation_names_both_papers(void **state)
{
    (void)state;
    const char *text = nca_medmnist_citation();
    assert_non_null(strstr(text, "10.1038/s41597-022-01721-8"));
    assert_non_null(strstr(text, "ISBI"));
    assert_non_null(strstr(text, "source data"));
    for (const char *line = text; *line != 0; line = strchr(line, '\n') + 1) {
        assert_true(strcspn(line, "\n") <= 96);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_twelve_flat_sets_and_six_of_volumes),
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(known_facts_of_breastmnist_are_there),
        cmocka_unit_test(titles_are_spelt_as_the_project_spells_them),
        cmocka_unit_test(only_dermamnist_forbids_commercial_use),
        cmocka_unit_test(a_sum_finds_its_set_and_size),
        cmocka_unit_test(paths_are_those_of_the_python_package),
        cmocka_unit_test(a_size_that_the_set_lacks_is_refused_with_those_it_has),
        cmocka_unit_test(a_path_that_just_fits_is_written_and_one_that_does_not_is_refused),
        cmocka_unit_test(splits_have_the_names_of_the_arrays),
        cmocka_unit_test(the_citation_names_both_papers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
