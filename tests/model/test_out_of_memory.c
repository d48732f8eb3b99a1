/* Out of memory at any single place: the error says so, and an existing file is unchanged. The
 * linker redirects the library's allocations to base/failing_memory.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/failing_memory.h"
#include "base/file.h"
#include "base/temporary_folder.h"
#include "model/small_model.h"
#include "nca/evaluate.h"
#include "nca/onnx.h"
#include "nca/page.h"
#include "nca/torch.h"

/* The operation that is repeated: it leaves nothing behind on failure. */
typedef struct attempt {
    const nca_model *model;
    const char *path, *name;
    nca_status (*run)(const struct attempt *attempt, nca_error *error);
} attempt;

/* Fails every allocation in turn; in the last run none fails. */
static void fail_everywhere(const attempt *a, const char *kept)
{
    nca_status status = NCA_OUT_OF_MEMORY;
    long places = 0;
    for (; status != NCA_OK; places++) {
        nca_error error = {0};
        before_failure = places;
        asked = 0;
        status = a->run(a, &error);
        before_failure = -1;
        if (status == NCA_OK && asked > places) {
            fail_msg("%s: succeeded without memory, at place %ld", a->name, places);
        }
        if (status != NCA_OK && status != NCA_OUT_OF_MEMORY) {
            fail_msg("%s, place %ld: status %d, %s", a->name, places, status, error.message);
        }
        if (kept != NULL && status != NCA_OK) {
            uint8_t *bytes = NULL;
            size_t size = 0;
            assert_int_equal(nca__file_read(&bytes, &size, a->path, 1 << 20, NULL), NCA_OK);
            assert_string_equal((const char *)bytes, kept);
            free(bytes);
        }
    }
    assert_true(places > 3);
}

static nca_status run_save(const attempt *a, nca_error *error)
{
    return nca_model_save(a->model, a->path, error);
}

static nca_status run_save_torch(const attempt *a, nca_error *error)
{
    return nca_model_save_torch(a->model, a->path, error);
}

static nca_status run_save_onnx(const attempt *a, nca_error *error)
{
    return nca_onnx_save(a->model, a->path, NCA_ONNX_ROLLOUT, error);
}

static void a_save_without_memory_leaves_the_old_file(void **state)
{
    static const char old[] = "the model that was there";
    nca_model *model = make_model(4, 5, true);
    fill_info(model);
    const attempt torch = {model, path_in(*state, "m.pt"), "save as PyTorch", run_save_torch};
    assert_int_equal(nca__file_write(torch.path, old, sizeof old - 1, NULL), NCA_OK);
    fail_everywhere(&torch, old);
    const attempt onnx = {model, path_in(*state, "m.onnx"), "save as ONNX", run_save_onnx};
    assert_int_equal(nca__file_write(onnx.path, old, sizeof old - 1, NULL), NCA_OK);
    fail_everywhere(&onnx, old);
    const attempt save = {model, path_in(*state, "m.safetensors"), "save", run_save};
    assert_int_equal(nca__file_write(save.path, old, sizeof old - 1, NULL), NCA_OK);
    fail_everywhere(&save, old);
    nca_model *back = NULL;
    assert_int_equal(nca_model_load(&back, save.path, NULL), NCA_OK);
    nca_model_destroy(back);
    nca_model_destroy(model);
}

static nca_status run_load(const attempt *a, nca_error *error)
{
    nca_model *model = NULL;
    nca_status status = nca_model_load(&model, a->path, error);
    nca_model_destroy(model);
    return status;
}

static nca_status run_load_torch(const attempt *a, nca_error *error)
{
    nca_model *model = NULL;
    nca_status status = nca_model_load_torch(&model, a->path, NULL, error);
    nca_model_destroy(model);
    return status;
}

static void a_load_without_memory_says_so(void **state)
{
    nca_model *model = make_model(4, 5, true);
    const char *path = path_in(*state, "m.safetensors");
    assert_int_equal(nca_model_save(model, path, NULL), NCA_OK);
    const attempt load = {NULL, path, "load", run_load};
    fail_everywhere(&load, NULL);
    const attempt torch = {NULL, NCA_FIXTURES "/torch/checkpoint.pt",
                           "load a checkpoint of PyTorch", run_load_torch};
    fail_everywhere(&torch, NULL);
    const attempt state_dict = {NULL, NCA_FIXTURES "/torch/state_dict.safetensors",
                                "load a state dict", run_load_torch};
    fail_everywhere(&state_dict, NULL);
    nca_model_destroy(model);
}

static nca_status run_page(const attempt *a, nca_error *error)
{
    char *text = NULL;
    const nca_page_model carried = {a->model, "name", false};
    nca_status status = nca_page_model_text(&text, &carried, error);
    if (status == NCA_OK) {
        json_t *json = json_loads(text, 0, NULL);
        assert_int_equal(json_object_size(json), 17);
        json_decref(json);
    }
    free(text);
    return status;
}

static nca_status run_evaluation(const attempt *a, nca_error *error)
{
    (void)a;
    char *text = NULL;
    static nca_spread moments[NCA_HEALING_STEPS + 1];
    static nca_healing_cut cut;
    nca_evaluation_row row = {.steps = 80};
    nca_evaluation evaluation = {.height = 4, .width = 5, .rollouts = 2, .rows = &row};
    evaluation.row_count = 1;
    evaluation.healing_count = evaluation.cut_count = 1;
    evaluation.healing[0] =
        (nca_healing){.shape = NCA_DAMAGE_SQUARE, .cuts = &cut, .curve = moments};
    evaluation.undamaged = moments;
    const nca_evaluation_about about = {.model = "a", .target = "b"};
    nca_status status = nca_evaluation_json(&text, &evaluation, &about, error);
    if (status == NCA_OK) {
        json_t *json = json_loads(text, 0, NULL);
        assert_int_equal(json_integer_value(json_object_get(json, "width")), 5);
        json_decref(json);
    }
    free(text);
    return status;
}

static void json_without_memory_is_no_shorter_json(void **state)
{
    (void)state;
    nca_model *model = make_model(4, 5, true);
    const attempt page = {model, NULL, "page", run_page};
    fail_everywhere(&page, NULL);
    const attempt evaluation = {model, NULL, "evaluation", run_evaluation};
    fail_everywhere(&evaluation, NULL);
    nca_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_save_without_memory_leaves_the_old_file,
                                        make_temporary_folder, remove_temporary_folder),
        cmocka_unit_test_setup_teardown(a_load_without_memory_says_so, make_temporary_folder,
                                        remove_temporary_folder),
        cmocka_unit_test(json_without_memory_is_no_shorter_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
