/* Robustness of a classifier: the rows against predictions of images that were changed by hand,
 * files, plots, and calls that are refused. */
#include "task/made_images.h"
#include "train/session_fixture.h"

#include <jansson.h>

#include "base/temporary_folder.h"
#include "data/labelled_pixels.h"
#include "measure/diverging_model.h"
#include "nca/class_evaluation.h"
#include "nca/classify.h"
#include "nca/robustness.h"
#include "nca/scores.h"

enum {
    CORRUPTIONS = NCA_CORRUPTION_COUNT * NCA_CORRUPTION_STRENGTHS
};

/* A model that has learned enough for different accuracies; for grey or colour images. */
static nca_model *some_model(made_images *made, size_t channels, size_t iterations)
{
    nca_settings settings = made_settings();
    nca_session *session = NULL;
    nca_model *model = NULL;
    make_images(made, NCA_LABELS_MULTI_CLASS, channels);
    assert_ok(nca_session_create_classify(&session, &settings, &made->data, &failure));
    run_session(session, iterations);
    assert_ok(nca_model_copy(&model, nca_session_model(session), &failure));
    nca_session_destroy(session);
    return model;
}

static nca_robustness_options some_options(void)
{
    nca_robustness_options options;
    nca_robustness_options_default(&options);
    options.prediction.rollouts = 2;
    options.prediction.threads = 1;
    options.prediction.seed = 3;
    return options;
}

static void check_row(const nca_robustness_row *row, const nca_model *model,
                      const nca_labelled *data, const uint8_t *images, size_t side,
                      const nca_prediction_options *options)
{
    double p[MADE_COUNT * MADE_CLASSES];
    assert_ok(nca_predict(p, NULL, NULL, model, images, MADE_COUNT, side, side, options, &failure));
    const nca_predictions predictions = {.kind = data->kind,
                                         .count = MADE_COUNT,
                                         .classes = data->classes,
                                         .probabilities = p,
                                         .labels = data->split[NCA_SPLIT_TEST].labels};
    nca_scores scores;
    assert_ok(nca_scores_compute(&scores, &predictions, &failure));
    assert_true(row->auc == scores.auc);
    assert_true(row->accuracy == scores.accuracy);
    nca_scores_free(&scores);
}

/* Images under the condition of a row, for a model of any number of channels. */
static void change_by_hand(uint8_t *out, const nca_robustness_row *row, const nca_labelled *data,
                           uint64_t seed)
{
    const size_t bytes = data->height * data->width * data->channels;
    const uint8_t *images = data->split[NCA_SPLIT_TEST].images;
    for (size_t i = 0; i < MADE_COUNT; i++) {
        if (row->part == NCA_ROBUSTNESS_CORRUPTION) {
            nca_corruption_options o;
            nca_corruption_options_default(&o);
            o.kind = row->corruption;
            o.amount = row->amount;
            o.seed = seed;
            o.first = (uint32_t)i;
            assert_ok(nca_corrupt(out + i * bytes, images + i * bytes, 1, data->height, data->width,
                                  data->channels, &o, &failure));
        } else {
            assert_ok(nca__pixels_resize(out + i * 4 * bytes, 2 * data->height, 2 * data->width,
                                         images + i * bytes, data->height, data->width,
                                         data->channels, &failure));
        }
    }
}

static void rows_are_the_scores_of_changed_images(void **state)
{
    (void)state;
    static uint8_t images[MADE_COUNT * MADE_PIXELS * 3 * 4];
    for (size_t channels = 1; channels <= 3; channels += 2) {
        made_images made;
        nca_model *model = some_model(&made, channels, 60);
        const nca_robustness_options options = some_options();
        nca_robustness *r = NULL;
        size_t checked = 0;
        assert_ok(
            nca_evaluate_robustness(&r, model, &made.data, NCA_SPLIT_TEST, &options, &failure));
        assert_int_equal(r->row_count, 1 + CORRUPTIONS + 1);
        assert_int_equal(r->count, MADE_COUNT);
        assert_int_equal(r->steps, model->classifier->steps);
        assert_string_equal(r->rows[0].kind, "none");
        check_row(&r->rows[0], model, &made.data, made.images, MADE_SIDE, &options.prediction);
        for (size_t i = 1; i < r->row_count; i += 3, checked++) {
            const nca_robustness_row *row = &r->rows[i];
            change_by_hand(images, row, &made.data, options.prediction.seed);
            check_row(row, model, &made.data, images,
                      row->part == NCA_ROBUSTNESS_SIZE ? 2 * MADE_SIDE : MADE_SIDE,
                      &options.prediction);
        }
        assert_int_equal(checked, 9);
        const nca_robustness_row *last = &r->rows[r->row_count - 1];
        assert_string_equal(last->kind, "size");
        change_by_hand(images, last, &made.data, 0);
        check_row(last, model, &made.data, images, 2 * MADE_SIDE, &options.prediction);
        nca_robustness_destroy(r);
        nca_model_destroy(model);
    }
}

static void corruptions_are_in_order_with_their_means(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = some_model(&made, 1, 150);
    const nca_robustness_options options = some_options();
    nca_robustness *r = NULL;
    double auc = 0.0, accuracy = 0.0;
    assert_ok(nca_evaluate_robustness(&r, model, &made.data, NCA_SPLIT_TEST, &options, &failure));
    for (size_t i = 0; i < CORRUPTIONS; i++) {
        const nca_robustness_row *row = &r->rows[1 + i];
        const nca_corruption_about *about =
            nca_corruption_describe((nca_corruption)(i / NCA_CORRUPTION_STRENGTHS));
        assert_string_equal(row->kind, about->name);
        assert_int_equal(row->strength, i % NCA_CORRUPTION_STRENGTHS + 1);
        assert_true(row->amount == about->amount[row->strength]);
        auc += row->auc;
        accuracy += row->accuracy;
    }
    assert_true(r->corrupted_auc == auc / CORRUPTIONS);
    assert_true(r->corrupted_accuracy == accuracy / CORRUPTIONS);
    assert_true(r->corrupted_accuracy < r->rows[0].accuracy);
    nca_robustness_destroy(r);
    nca_model_destroy(model);
}

static void rows_that_are_not_finite_are_left_out_of_the_means(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = some_model(&made, 1, 1);
    const nca_robustness_options options = some_options();
    nca_robustness *r = NULL;
    double accuracy = 0.0;
    size_t diverged = 0, counted = 0;
    diverge_above(model, 245); /* the images have pixels up to 239 */
    assert_ok(nca_evaluate_robustness(&r, model, &made.data, NCA_SPLIT_TEST, &options, &failure));
    assert_false(isnan(r->rows[0].accuracy));
    for (size_t i = 1; i < r->row_count; i++) {
        const nca_robustness_row *row = &r->rows[i];
        const bool scored = !isnan(row->accuracy);
        assert_true(scored || isnan(row->auc));
        diverged += !scored;
        if (row->part == NCA_ROBUSTNESS_CORRUPTION && scored) {
            accuracy += row->accuracy;
            counted++;
        }
    }
    assert_true(counted > 0 && counted < CORRUPTIONS);
    assert_int_equal(r->diverged, diverged);
    assert_true(r->corrupted_accuracy == accuracy / (double)counted);
    char *text = NULL;
    assert_ok(nca_robustness_json(&text, r, NULL, &failure));
    assert_non_null(strstr(text, "\"diverged\""));
    free(text);
    nca_robustness_destroy(r);
    nca_model_destroy(model);
}

static void fire_rates_and_sizes_can_be_chosen(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = some_model(&made, 1, 30), *always = NULL;
    nca_robustness_options options = some_options();
    nca_robustness *r = NULL;
    const double sizes[] = {1.0, 0.5}, rates[] = {model->automaton.fire_rate, 1.0};
    options.without_corruptions = true;
    options.sizes = sizes;
    options.size_count = 2;
    options.fire_rates = rates;
    options.fire_rate_count = 2;
    assert_ok(nca_evaluate_robustness(&r, model, &made.data, NCA_SPLIT_TEST, &options, &failure));
    assert_int_equal(r->row_count, 5);
    assert_true(isnan(r->corrupted_accuracy) && isnan(r->corrupted_auc));
    for (size_t i = 1; i < 4; i += 2) { /* as they are: size 1, the model's fire rate */
        assert_true(r->rows[i].auc == r->rows[0].auc);
        assert_true(r->rows[i].accuracy == r->rows[0].accuracy);
    }
    assert_int_equal(r->rows[2].part, NCA_ROBUSTNESS_SIZE);
    assert_string_equal(r->rows[4].kind, "fire-rate");
    assert_ok(nca_model_copy(&always, model, &failure));
    always->automaton.fire_rate = 1.0f;
    check_row(&r->rows[4], always, &made.data, made.images, MADE_SIDE, &options.prediction);
    nca_model_destroy(always);
    nca_robustness_destroy(r);
    nca_model_destroy(model);
}

/* ---- Progress and errors ---------------------------------------------------------------------*/

typedef struct heard {
    double last;
    size_t calls, stop_after;
} heard;

static bool listen(double share, void *user)
{
    heard *h = user;
    assert_true(share >= h->last && share <= 1.0);
    h->last = share;
    return ++h->calls != h->stop_after;
}

static void progress_reaches_the_end_and_can_stop(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = some_model(&made, 1, 1);
    nca_robustness_options options = some_options();
    nca_robustness *r = NULL;
    nca_error error;
    heard h = {0};
    options.progress = listen;
    options.user = &h;
    assert_ok(nca_evaluate_robustness(&r, model, &made.data, NCA_SPLIT_TEST, &options, &failure));
    nca_robustness_destroy(r);
    r = NULL;
    assert_true(h.last > 0.999999);
    const size_t all = h.calls;
    for (size_t after = 1; after < all; after += all / 3) {
        h = (heard){.stop_after = after};
        assert_int_equal(
            nca_evaluate_robustness(&r, model, &made.data, NCA_SPLIT_TEST, &options, &error),
            NCA_INTERRUPTED);
        assert_int_equal(h.calls, after);
    }
    assert_null(r);
    nca_model_destroy(model);
}

static void check_refused(const nca_model *model, const made_images *made, nca_split split,
                          const nca_robustness_options *options, nca_status status,
                          const char *word)
{
    nca_robustness *r = NULL;
    nca_error error;
    assert_int_equal(nca_evaluate_robustness(&r, model, &made->data, split, options, &error),
                     status);
    if (strstr(error.message, word) == NULL) {
        fail_msg("expected \"%s\" in: %s", word, error.message);
    }
    assert_null(r);
}

static void calls_out_of_range_are_refused(void **state)
{
    (void)state;
    made_images made;
    nca_model *model = some_model(&made, 1, 1);
    nca_robustness_options o = some_options();
    double value = 0.0;
    o.sizes = &value;
    check_refused(model, &made, NCA_SPLIT_TEST, &o, NCA_INVALID_ARGUMENT, "size");
    value = NAN;
    check_refused(model, &made, NCA_SPLIT_TEST, &o, NCA_INVALID_ARGUMENT, "size");
    value = 1e6;
    check_refused(model, &made, NCA_SPLIT_TEST, &o, NCA_LIMIT, "10x10");
    o = some_options();
    o.fire_rates = &value;
    o.fire_rate_count = 1;
    value = 1.5;
    check_refused(model, &made, NCA_SPLIT_TEST, &o, NCA_INVALID_ARGUMENT, "fire rate");
    o = some_options();
    check_refused(model, &made, NCA_SPLIT_COUNT, &o, NCA_INVALID_ARGUMENT, "split");
    o.prediction.rollouts = 0;
    check_refused(model, &made, NCA_SPLIT_TEST, &o, NCA_INVALID_ARGUMENT, "rollouts");
    o = some_options();
    made.data.split[NCA_SPLIT_VAL].count = 0;
    check_refused(model, &made, NCA_SPLIT_VAL, &o, NCA_INVALID_ARGUMENT, "no images");
    nca_model grows = *model;
    grows.classifier = NULL;
    check_refused(&grows, &made, NCA_SPLIT_TEST, &o, NCA_INVALID_ARGUMENT, "classifies");
    nca_model_destroy(model);
}

/* ---- Files -----------------------------------------------------------------------------------*/

/* Rows without a model. */
static nca_robustness made_rows(nca_robustness_row rows[1 + CORRUPTIONS + 1])
{
    rows[0] = (nca_robustness_row){.kind = "none", .auc = 0.9, .accuracy = 0.8};
    for (size_t i = 0; i < CORRUPTIONS; i++) {
        const nca_corruption kind = (nca_corruption)(i / NCA_CORRUPTION_STRENGTHS);
        const nca_corruption_about *about = nca_corruption_describe(kind);
        const size_t strength = i % NCA_CORRUPTION_STRENGTHS + 1;
        rows[1 + i] = (nca_robustness_row){.part = NCA_ROBUSTNESS_CORRUPTION,
                                           .corruption = kind,
                                           .kind = about->name,
                                           .strength = strength,
                                           .amount = about->amount[strength],
                                           .auc = 0.9 - 0.01 * (double)i,
                                           .accuracy = 0.8 - 0.07 * (double)strength};
    }
    rows[1 + CORRUPTIONS] = (nca_robustness_row){
        .part = NCA_ROBUSTNESS_SIZE, .kind = "size", .amount = 2.0, .auc = NAN, .accuracy = 1e-3};
    return (nca_robustness){.split = NCA_SPLIT_TEST,
                            .count = 78,
                            .height = 28,
                            .width = 28,
                            .rollouts = 4,
                            .steps = 24,
                            .seed = UINT64_MAX,
                            .rows = rows,
                            .row_count = 1 + CORRUPTIONS + 1,
                            .corrupted_auc = 0.78,
                            .corrupted_accuracy = NAN};
}

static void csv_has_a_line_per_row_with_all_bits(void **state)
{
    (void)state;
    nca_robustness_row rows[1 + CORRUPTIONS + 1];
    const nca_robustness r = made_rows(rows);
    char *text = NULL;
    size_t line = 0;
    assert_ok(nca_robustness_csv(&text, &r, &failure));
    for (char *at = text; *at != 0; line++) {
        char *end = strchr(at, '\n');
        assert_non_null(end);
        *end = 0;
        if (line == 0) {
            assert_string_equal(at, "kind,strength,amount,auc,accuracy");
        } else {
            const nca_robustness_row *row = &rows[line - 1];
            char kind[32];
            unsigned long strength;
            double amount, auc, accuracy;
            assert_int_equal(
                sscanf(at, "%31[^,],%lu,%lf,%lf,%lf", kind, &strength, &amount, &auc, &accuracy),
                5);
            assert_string_equal(kind, row->kind);
            assert_int_equal(strength, row->strength);
            assert_true(amount == row->amount && accuracy == row->accuracy);
            assert_true(auc == row->auc || (isnan(auc) && isnan(row->auc)));
        }
        at = end + 1;
    }
    assert_int_equal(line, 1 + r.row_count);
    free(text);
}

static void json_has_the_rows_and_null_for_nan(void **state)
{
    (void)state;
    nca_robustness_row rows[1 + CORRUPTIONS + 1];
    const nca_robustness r = made_rows(rows);
    const nca_robustness_about about = {.model = "runs/x \"1\"", .data = NULL};
    char *text = NULL;
    assert_ok(nca_robustness_json(&text, &r, &about, &failure));
    json_t *all = json_loads(text, 0, NULL);
    assert_non_null(all);
    assert_string_equal(json_string_value(json_object_get(all, "model")), "runs/x \"1\"");
    assert_null(json_object_get(all, "data"));
    assert_string_equal(json_string_value(json_object_get(all, "split")), "test");
    assert_int_equal(json_integer_value(json_object_get(all, "images")), 78);
    assert_string_equal(json_string_value(json_object_get(all, "seed")), "18446744073709551615");
    assert_true(json_is_null(json_object_get(all, "corrupted_accuracy")));
    const json_t *list = json_object_get(all, "rows");
    assert_int_equal(json_array_size(list), r.row_count);
    const json_t *row = json_array_get(list, 7);
    assert_string_equal(json_string_value(json_object_get(row, "kind")), "noise");
    assert_int_equal(json_integer_value(json_object_get(row, "strength")), 2);
    assert_true(json_number_value(json_object_get(row, "amount")) == 0.1);
    assert_true(json_is_null(json_object_get(json_array_get(list, r.row_count - 1), "auc")));
    json_decref(all);
    free(text);
}

static void files_have_these_texts(void **state)
{
    const char *path = path_in(*state, "file");
    char *text = NULL;
    nca_robustness_row rows[1 + CORRUPTIONS + 1];
    const nca_robustness r = made_rows(rows);
    nca_error error;
    for (int json = 0; json < 2; json++) {
        assert_ok(json ? nca_robustness_json(&text, &r, NULL, &failure)
                       : nca_robustness_csv(&text, &r, &failure));
        assert_ok(json ? nca_robustness_save_json(&r, NULL, path, &failure)
                       : nca_robustness_save_csv(&r, path, &failure));
        char *found = calloc(strlen(text) + 2, 1);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        assert_int_equal(fread(found, 1, strlen(text) + 1, file), strlen(text));
        fclose(file);
        assert_string_equal(found, text);
        free(found);
        free(text);
    }
    path = path_in(*state, "none/file");
    assert_int_equal(nca_robustness_save_csv(&r, path, &error), NCA_NOT_FOUND);
    assert_int_equal(nca_robustness_save_json(&r, NULL, path, &error), NCA_NOT_FOUND);
}

/* ---- Pictures --------------------------------------------------------------------------------*/

static void the_plot_has_a_line_per_corruption(void **state)
{
    (void)state;
    nca_robustness_row rows[1 + CORRUPTIONS + 1];
    nca_robustness r = made_rows(rows);
    char *svg = NULL;
    nca_error error;
    assert_ok(nca_robustness_plot_svg(&svg, &r, "a title", &failure));
    for (int kind = 0; kind < NCA_CORRUPTION_COUNT; kind++) {
        assert_non_null(strstr(svg, nca_corruption_describe((nca_corruption)kind)->name));
    }
    assert_non_null(strstr(svg, "a title"));
    assert_non_null(strstr(svg, "strength"));
    free(svg);
    svg = NULL;
    r.row_count--; /* the row of the size is not needed */
    assert_ok(nca_robustness_plot_svg(&svg, &r, NULL, &failure));
    free(svg);
    svg = NULL;
    r.row_count = 1;
    assert_int_equal(nca_robustness_plot_svg(&svg, &r, NULL, &error), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_robustness_plot(&r, NULL, "/nowhere/a.png", &error), NCA_INVALID_ARGUMENT);
    assert_null(svg);
}

static void the_sheet_shows_an_image_under_every_corruption(void **state)
{
    const char *path = path_in(*state, "sheet.png");
    made_images made;
    nca_image *sheet = NULL;
    nca_error error;
    for (size_t channels = 1; channels <= 3; channels += 2) {
        make_images(&made, NCA_LABELS_MULTI_CLASS, channels);
        const nca_status status = nca_corruption_sheet(path, made.images, MADE_SIDE, MADE_SIDE,
                                                       channels, 0, 0, "lines", &failure);
        if (status == NCA_UNSUPPORTED) {
            break; /* without cairo */
        }
        assert_ok(status);
        assert_ok(nca_image_load(&sheet, path, &failure));
        assert_true(sheet->width > 6 * 11 * MADE_SIDE && sheet->height > 5 * 11 * MADE_SIDE);
        nca_image_destroy(sheet);
    }
    assert_int_equal(
        nca_corruption_sheet(path, made.images, MADE_SIDE, MADE_SIDE, 2, 0, 0, NULL, &error),
        NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_corruption_sheet(path, made.images, 0, MADE_SIDE, 1, 0, 0, NULL, &error),
                     NCA_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_the_scores_of_changed_images),
        cmocka_unit_test(corruptions_are_in_order_with_their_means),
        cmocka_unit_test(rows_that_are_not_finite_are_left_out_of_the_means),
        cmocka_unit_test(fire_rates_and_sizes_can_be_chosen),
        cmocka_unit_test(progress_reaches_the_end_and_can_stop),
        cmocka_unit_test(calls_out_of_range_are_refused),
        cmocka_unit_test(csv_has_a_line_per_row_with_all_bits),
        cmocka_unit_test(json_has_the_rows_and_null_for_nan),
        cmocka_unit_test_setup_teardown(files_have_these_texts, make_temporary_folder,
                                        remove_temporary_folder),
        cmocka_unit_test(the_plot_has_a_line_per_corruption),
        cmocka_unit_test_setup_teardown(the_sheet_shows_an_image_under_every_corruption,
                                        make_temporary_folder, remove_temporary_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
