/* Options structs: each ..._default function fills the whole struct, and each function that takes
 * one refuses it if its reserved fields are not 0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nca/nca.h"

/* An option that came later lies in the room that the first version left. */
#define IN_THE_ROOM(type, first)                                               \
    _Static_assert(sizeof(type) == offsetof(type, first) + NCA_RESERVED * 8 && \
                       offsetof(type, first) % 8 == 0,                         \
                   #type " has another size than in the first version")
IN_THE_ROOM(nca_rollout_options, device);
IN_THE_ROOM(nca_evaluation_options, device);

static nca_model *model;
static nca_settings settings; /* other arguments of the calls below; never reached */

static int make_model(void **state)
{
    (void)state;
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    nca_settings_default(&settings);
    return nca_model_create(&model, &automaton, NULL) == NCA_OK ? 0 : -1;
}

static int free_model(void **state)
{
    (void)state;
    nca_model_destroy(model);
    return 0;
}

/* The message contains the struct's name, so the reserved fields were the reason. */
static void assert_refused(nca_status status, const nca_error *error, const char *type)
{
    if (status != NCA_INVALID_ARGUMENT || strncmp(error->message, type, strlen(type)) != 0 ||
        strstr(error->message, "reserved") == NULL) {
        print_error("%s: %s: %s\n", type, nca_status_name(status), error->message);
        fail();
    }
}

/* Fills a struct with arbitrary contents and checks its reserved fields; then sets each of them to
 * a non-zero value once. */
#define CHECK(type, fill, call)                                             \
    do {                                                                    \
        type options, *const o = &options;                                  \
        memset(o, 0xA5, sizeof *o);                                         \
        fill;                                                               \
        const size_t count = sizeof o->reserved / sizeof *o->reserved;      \
        for (size_t i = 0; i < count; i++) {                                \
            assert_int_equal(o->reserved[i], 0);                            \
        }                                                                   \
        for (size_t i = 0; i < count; i += i + 1 < count ? count - 1 : 1) { \
            nca_error error = {0};                                          \
            o->reserved[i] = 1;                                             \
            const nca_status status = call;                                 \
            assert_refused(status, &error, #type);                          \
            o->reserved[i] = 0;                                             \
        }                                                                   \
    } while (0)

static void options_of_running_and_measuring_have_room(void **state)
{
    (void)state;
    nca_rollout *rollout = NULL;
    CHECK(nca_rollout_options, nca_rollout_options_default(o, model),
          nca_rollout_create(&rollout, model, o, &error));
    nca_evaluation *evaluation = NULL;
    CHECK(nca_evaluation_options, nca_evaluation_options_default(o),
          nca_evaluate(&evaluation, model, o, &error));
    const nca_labelled data = {.height = 1};
    nca_robustness *robustness = NULL;
    CHECK(nca_robustness_options, nca_robustness_options_default(o),
          nca_evaluate_robustness(&robustness, model, &data, NCA_SPLIT_TEST, o, &error));
    CHECK(nca_corruption_options, nca_corruption_options_default(o),
          nca_corrupt(NULL, NULL, 0, 1, 1, 1, o, &error));
    assert_null(rollout);
    assert_null(evaluation);
    assert_null(robustness);
}

static void options_of_files_have_room(void **state)
{
    (void)state;
    nca_target *target = NULL;
    CHECK(nca_target_options, nca_target_options_default(o),
          nca_target_create(&target, "phantom", o, &error));
    nca_image *image = NULL;
    assert_int_equal(nca_phantom(&image, 8, NULL), NCA_OK);
    CHECK(nca_target_options, nca_target_options_default(o),
          nca_target_from_image(&target, image, "phantom", o, &error));
    nca_image_destroy(image);
    assert_null(target);
    CHECK(nca_synthetic_options,
          (nca_synthetic_options_default(o), o->set = nca_medmnist_set_named("pathmnist")),
          nca_medmnist_synthesise("/nowhere/set.npz", o, &error));
    nca_model *read = NULL;
    CHECK(nca_torch_options, nca_torch_options_default(o),
          nca_model_from_torch(&read, NULL, o, NULL, &error));
    CHECK(nca_settings, nca_settings_default(o), nca_settings_check(o, &error));
}

static void options_of_runs_have_room(void **state)
{
    (void)state;
    nca_run *run = NULL;
    CHECK(nca_run_options, nca_run_options_default(o), nca_run_open(&run, &settings, o, &error));
    nca_run_watch *watch = NULL;
    CHECK(nca_run_watch_options, nca_run_watch_options_default(o),
          nca_run_watch_open(&watch, "/nowhere", o, &error));
    nca_sweep_job *job = NULL;
    CHECK(nca_sweep_options, nca_sweep_options_default(o),
          nca_sweep_open(&job, NULL, "/nowhere", o, &error));
    nca_growth_subject subject = {.model = model};
    CHECK(nca_growth, nca_growth_default(o, model), nca_growth_run(o, &subject, 1, NULL, &error));
    assert_null(run);
    assert_null(watch);
    assert_null(job);
}

static void options_of_pictures_and_pages_have_room(void **state)
{
    (void)state;
    CHECK(nca_view, nca_view_default(o), nca_view_check(o, &model->automaton, &error));
    nca_image *image = NULL;
    CHECK(nca_sheet, nca_sheet_default(o), nca_picture_sheet_image(&image, o, &error));
    CHECK(nca_sheet, nca_sheet_default(o), nca_picture_sheet("/nowhere/a.png", o, &error));
    char *text = NULL;
    CHECK(nca_loss_plot, nca_loss_plot_default(o), nca_plot_loss(o, "/nowhere/a.png", &error));
    CHECK(nca_loss_plot, nca_loss_plot_default(o), nca_plot_loss_svg(&text, o, &error));
    CHECK(nca_curve_plot, nca_curve_plot_default(o), nca_plot_curves(o, "/nowhere/a.png", &error));
    CHECK(nca_curve_plot, nca_curve_plot_default(o), nca_plot_curves_svg(&text, o, &error));
    size_t length;
    const nca_page_model page_model = {model, "model", false};
    CHECK(nca_page_options, nca_page_options_default(o),
          nca_page_text(&text, &length, &page_model, 1, o, &error));
    nca_server *server = NULL;
    CHECK(nca_server_options, nca_server_options_default(o), nca_server_start(&server, o, &error));
    assert_null(image);
    assert_null(text);
    assert_null(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_of_running_and_measuring_have_room),
        cmocka_unit_test(options_of_files_have_room),
        cmocka_unit_test(options_of_runs_have_room),
        cmocka_unit_test(options_of_pictures_and_pages_have_room),
    };
    return cmocka_run_group_tests(tests, make_model, free_model);
}
