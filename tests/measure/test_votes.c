/* Votes of cells: they add up to the scores and are those of predictions, for every read-out, with
 * and without a dense layer; pictures, figures and animations of them; and calls that are refused.
 */
#include "task/made_images.h"
#include "train/session_fixture.h"

#include "nca/class_plots.h"
#include "nca/classify.h"
#include "nca/predict.h"
#include "nca/votes.h"

static const char *folder;
static char path_text[512];

static const char *in_folder(const char *name)
{
    snprintf(path_text, sizeof path_text, "%s/%s", folder, name);
    return path_text;
}

static int begin(void **state)
{
    const int code = make_folder(state);
    folder = code == 0 ? ((const test_folder *)*state)->path : NULL;
    return code;
}

/* A model that has learned for some iterations. */
static nca_model *some_model(made_images *made, nca_label_kind kind, nca_readout readout,
                             uint32_t features, size_t channels)
{
    nca_settings settings = made_settings();
    nca_session *session = NULL;
    nca_model *model = NULL;
    make_images(made, kind, channels);
    settings.readout = readout;
    settings.features = features;
    assert_ok(nca_session_create_classify(&session, &settings, &made->data, &failure));
    run_session(session, 20);
    assert_ok(nca_model_copy(&model, nca_session_model(session), &failure));
    nca_session_destroy(session);
    return model;
}

static nca_explanation some_explanation(size_t rollouts)
{
    nca_explanation how;
    nca_explanation_default(&how);
    how.prediction.rollouts = rollouts;
    how.prediction.threads = 1;
    how.prediction.seed = 3;
    return how;
}

/* ---- Votes -----------------------------------------------------------------------------------*/

typedef struct checked {
    const nca_model *model;
    const uint8_t *image;
    nca_prediction_options options;
    size_t calls, last;
} checked;

/* The evidence adds up to the scores, and both are those of a prediction of that many steps. */
static nca_status check_votes(const nca_votes *votes, void *user, nca_error *error)
{
    (void)error;
    checked *c = user;
    double scores[NCA_MAX_CLASSES], p[NCA_MAX_CLASSES], sums[NCA_MAX_CLASSES] = {0};
    double means[NCA_MAX_CLASSES] = {0};
    const size_t cells = votes->height * votes->width;
    assert_true(c->calls == 0 || votes->step > c->last);
    c->calls++;
    c->last = votes->step;
    for (size_t cell = 0; cell < cells; cell++) {
        for (size_t k = 0; k < votes->classes; k++) {
            sums[k] += votes->evidence[cell * votes->classes + k];
            means[k] += votes->cells[cell * votes->classes + k] / (double)cells;
        }
    }
    for (size_t k = 0; k < votes->classes; k++) {
        assert_true(fabs(sums[k] - votes->scores[k]) < 1e-9 * (1 + fabs(votes->scores[k])));
        if (c->model->classifier->readout != NCA_READOUT_MAX) {
            assert_true(fabs(means[k] - votes->scores[k]) < 1e-9 * (1 + fabs(votes->scores[k])));
        }
    }
    if (votes->step > 0) {
        c->options.steps = votes->step;
        assert_ok(nca_predict(p, NULL, scores, c->model, c->image, 1, votes->height, votes->width,
                              &c->options, &failure));
        assert_memory_equal(p, votes->probabilities, votes->classes * sizeof *p);
        assert_memory_equal(scores, votes->scores, votes->classes * sizeof *scores);
    }
    return NCA_OK;
}

static void votes_add_up_to_the_scores_of_the_prediction(void **state)
{
    (void)state;
    static made_images made;
    static const size_t steps[] = {1, 4, 9};
    for (int readout = 0; readout < NCA_READOUT_COUNT; readout++) {
        for (uint32_t features = 0; features <= (readout == NCA_READOUT_CELLS ? 0u : 5u);
             features += 5) {
            nca_model *model = some_model(&made, NCA_LABELS_MULTI_CLASS, (nca_readout)readout,
                                          features, features > 0 ? 3 : 1);
            model->classifier->temperature = 1.7;
            for (size_t rollouts = 1; rollouts <= 3; rollouts += 2) {
                const nca_explanation how = some_explanation(rollouts);
                checked c = {model, made.images, how.prediction, 0, 0};
                assert_ok(nca_votes_run(model, made.images, MADE_SIDE, MADE_SIDE, steps, 3,
                                        &how.prediction, check_votes, &c, &failure));
                assert_int_equal(c.calls, 3);
                assert_int_equal(c.last, 9);
                c.calls = 0;
                assert_ok(nca_votes_run(model, made.images, MADE_SIDE, MADE_SIDE, NULL, 3,
                                        &how.prediction, check_votes, &c, &failure));
                assert_int_equal(c.calls, 3);
                assert_int_equal(c.last, 2);
            }
            nca_model_destroy(model);
        }
    }
}

static bool is_colour(const nca_image *picture, size_t cell, double red, double green, double blue)
{
    const uint8_t *p = picture->pixels + 4 * cell;
    return fabs(p[0] - red) <= 1 && fabs(p[1] - green) <= 1 && fabs(p[2] - blue) <= 1 &&
           p[3] == 255;
}

/* Cells that are sure, undecided, and not a number. */
static void a_picture_has_the_colour_of_the_winning_class(void **state)
{
    (void)state;
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    automaton.input_channels = 1;
    nca_classifier classifier = {.classes = 3};
    const nca_model model = {.automaton = automaton, .classifier = &classifier};
    const double cells[] = {0, 100, 0, 1, 1, 1, NAN, 0, 0, -5, -100, -5};
    const uint8_t image[] = {100, 100, 100, 0};
    const nca_votes votes = {.height = 2, .width = 2, .classes = 3, .cells = cells};
    nca_image *picture = NULL;
    assert_ok(nca_votes_picture(&picture, &votes, &model, image, &failure));
    assert_int_equal(picture->width * picture->height, 4);
    const nca_colour c = nca_class_colour(1), first = nca_class_colour(0);
    assert_true(is_colour(picture, 0, 0.8 * c.r + 20, 0.8 * c.g + 20, 0.8 * c.b + 20));
    assert_true(is_colour(picture, 1, 100, 100, 100));
    assert_true(is_colour(picture, 2, 128, 128, 128));
    /* Two classes share the cell: the first one, with a quarter of the strength. */
    assert_true(is_colour(picture, 3, 0.2 * first.r, 0.2 * first.g, 0.2 * first.b));
    nca_image_destroy(picture);
    classifier.sigmoid = true; /* no label is likely in the last cell */
    assert_ok(nca_votes_picture(&picture, &votes, &model, image, &failure));
    assert_true(is_colour(picture, 3, 0, 0, 0));
    nca_image_destroy(picture);
}

/* ---- Pictures --------------------------------------------------------------------------------*/

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 100);
    fclose(file);
    return text;
}

static void a_figure_says_what_is_true_and_what_is_predicted(void **state)
{
    (void)state;
    static made_images made;
    nca_model *model = some_model(&made, NCA_LABELS_MULTI_CLASS, NCA_READOUT_MEAN, 0, 1);
    nca_explanation how = some_explanation(2);
    double p[MADE_CLASSES];
    assert_ok(nca_predict(p, NULL, NULL, model, made.images, 1, MADE_SIDE, MADE_SIDE,
                          &how.prediction, &failure));
    size_t best = 0;
    for (size_t k = 1; k < MADE_CLASSES; k++) {
        best = p[k] > p[best] ? k : best;
    }
    for (size_t true_class = 0; true_class < MADE_CLASSES; true_class++) {
        const uint8_t label = (uint8_t)true_class;
        char wanted[128];
        how.labels = &label;
        assert_ok(nca_explain(model, made.images, MADE_SIDE, MADE_SIDE, &how, in_folder("a.svg"),
                              &failure));
        char *text = read_text(in_folder("a.svg"));
        snprintf(wanted, sizeof wanted,
                 "<title>true: line %zu; predicted: line %zu (%.2f)%s</title>", true_class, best,
                 p[best], true_class == best ? "" : "; wrong");
        assert_non_null(strstr(text, wanted));
        free(text);
    }
    how.labels = NULL;
    assert_ok(
        nca_explain(model, made.images, MADE_SIDE, MADE_SIDE, &how, in_folder("a.svg"), &failure));
    char *text = read_text(in_folder("a.svg"));
    assert_non_null(strstr(text, "<title>predicted: line "));
    free(text);
    nca_model_destroy(model);
}

static void labels_are_listed_and_none_is_said(void **state)
{
    (void)state;
    static made_images made;
    nca_model *model = some_model(&made, NCA_LABELS_MULTI_LABEL, NCA_READOUT_MAX, 5, 3);
    nca_explanation how = some_explanation(1);
    const uint8_t both[] = {1, 1}, none[] = {0, 0};
    how.labels = both;
    assert_ok(
        nca_explain(model, made.images, MADE_SIDE, MADE_SIDE, &how, in_folder("l.svg"), &failure));
    char *text = read_text(in_folder("l.svg"));
    assert_non_null(strstr(text, "<title>true: line 0, line 1; predicted: "));
    free(text);
    how.labels = none;
    assert_ok(
        nca_explain(model, made.images, MADE_SIDE, MADE_SIDE, &how, in_folder("l.svg"), &failure));
    text = read_text(in_folder("l.svg"));
    assert_non_null(strstr(text, "<title>true: none; predicted: "));
    free(text);
    nca_model_destroy(model);
}

/* The same call gives the same bytes; more panels make it wider. */
static void figures_are_repeatable_and_show_the_image(void **state)
{
    (void)state;
    static made_images made;
    nca_model *model = some_model(&made, NCA_LABELS_BINARY, NCA_READOUT_CELLS, 0, 1);
    nca_explanation how = some_explanation(1);
    nca_image *images[2] = {NULL, NULL};
    how.name = "an <image>";
    for (size_t i = 0; i < 2; i++) {
        assert_ok(nca_explain(model, made.images, MADE_SIDE, MADE_SIDE, &how, in_folder("b.png"),
                              &failure));
        assert_ok(nca_image_load(&images[i], in_folder("b.png"), &failure));
    }
    assert_int_equal(images[0]->width, images[1]->width);
    assert_memory_equal(images[0]->pixels, images[1]->pixels,
                        4 * images[0]->width * images[0]->height);
    assert_true(images[0]->width >= 1800 && images[0]->height >= 900);
    /* The first panel has 34 pixels per cell: 340 of 2 * 170. */
    for (size_t cell = 0; cell < MADE_PIXELS; cell++) {
        const size_t x = 56 + 34 * (cell % MADE_SIDE) + 17, y = 152 + 34 * (cell / MADE_SIDE) + 17;
        assert_int_equal(images[0]->pixels[4 * (y * images[0]->width + x)], made.images[cell]);
    }
    nca_image_destroy(images[0]);
    nca_image_destroy(images[1]);
    nca_model_destroy(model);
}

static void an_animation_has_a_frame_for_each_step(void **state)
{
    (void)state;
    static made_images made;
    nca_model *model = some_model(&made, NCA_LABELS_MULTI_CLASS, NCA_READOUT_MEAN, 5, 3);
    nca_explanation how = some_explanation(1);
    size_t sizes[2];
    for (size_t i = 0; i < 2; i++) {
        how.last_step = model->classifier->steps + (i == 0 ? 0 : 12);
        assert_ok(nca_explain_moving(model, made.images, MADE_SIDE, MADE_SIDE, &how,
                                     in_folder("a.gif"), &failure));
        FILE *file = fopen(in_folder("a.gif"), "rb");
        assert_non_null(file);
        uint8_t head[10];
        assert_int_equal(fread(head, 1, sizeof head, file), sizeof head);
        assert_memory_equal(head, "GIF89a", 6);
        assert_true((head[6] | head[7] << 8) > 700 && (head[8] | head[9] << 8) > 300);
        fseek(file, 0, SEEK_END);
        sizes[i] = (size_t)ftell(file);
        fclose(file);
    }
    assert_true(sizes[1] > sizes[0]);
    nca_model_destroy(model);
}

/* ---- Errors ----------------------------------------------------------------------------------*/

static bool stop_at_once(void *user)
{
    (void)user;
    return false;
}

static nca_status stop_with_status(const nca_votes *votes, void *user, nca_error *error)
{
    (void)votes;
    (void)error;
    ++*(size_t *)user;
    return NCA_IO;
}

static void calls_that_cannot_be_answered_are_refused(void **state)
{
    (void)state;
    static made_images made;
    nca_error error;
    nca_model *model = some_model(&made, NCA_LABELS_MULTI_CLASS, NCA_READOUT_MEAN, 0, 1);
    nca_explanation how = some_explanation(1);
    const size_t before = count_files(folder), back[] = {4, 4};
    size_t calls = 0;
    const uint8_t label = MADE_CLASSES;
#define EXPLAIN(name) \
    nca_explain(model, made.images, MADE_SIDE, MADE_SIDE, &how, in_folder(name), &error)
#define MOVE(name) \
    nca_explain_moving(model, made.images, MADE_SIDE, MADE_SIDE, &how, in_folder(name), &error)
    assert_int_equal(nca_votes_run(model, made.images, MADE_SIDE, MADE_SIDE, back, 2,
                                   &how.prediction, stop_with_status, &calls, &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(calls, 0);
    assert_int_equal(nca_votes_run(model, made.images, MADE_SIDE, MADE_SIDE, NULL, 5,
                                   &how.prediction, stop_with_status, &calls, &error),
                     NCA_IO);
    assert_int_equal(calls, 1);
    assert_int_equal(EXPLAIN("x.jpg"), NCA_INVALID_ARGUMENT);
    assert_int_equal(MOVE("x.png"), NCA_INVALID_ARGUMENT);
    how.labels = &label;
    assert_int_equal(EXPLAIN("x.png"), NCA_INVALID_ARGUMENT);
    assert_int_equal(MOVE("x.gif"), NCA_INVALID_ARGUMENT);
    how.labels = NULL;
    how.last_step = model->classifier->steps - 1;
    assert_int_equal(EXPLAIN("x.png"), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "last_step"));
    for (int i = 0; i < 2; i++) { /* SIZE_MAX + 1 steps would be none */
        how.last_step = i == 0 ? SIZE_MAX : 10000001;
        assert_int_equal(EXPLAIN("x.png"), NCA_INVALID_ARGUMENT);
        assert_int_equal(MOVE("x.gif"), NCA_INVALID_ARGUMENT);
        assert_non_null(strstr(error.message, "last_step"));
    }
    how.last_step = 0;
    how.prediction.steps = SIZE_MAX;
    assert_int_equal(EXPLAIN("x.png"), NCA_INVALID_ARGUMENT);
    assert_int_equal(MOVE("x.gif"), NCA_INVALID_ARGUMENT);
    how.prediction.steps = 0;
    how.prediction.rollouts = 0;
    assert_int_equal(EXPLAIN("x.png"), NCA_INVALID_ARGUMENT);
    how.prediction.rollouts = 1;
    how.keep_going = stop_at_once;
    assert_int_equal(MOVE("x.gif"), NCA_INTERRUPTED);
    assert_int_equal(EXPLAIN("x.png"), NCA_INTERRUPTED);
    how.keep_going = NULL;
    nca_classifier *classifier = model->classifier;
    model->classifier = NULL;
    assert_int_equal(EXPLAIN("x.png"), NCA_INVALID_ARGUMENT);
    assert_int_equal(MOVE("x.gif"), NCA_INVALID_ARGUMENT);
    model->classifier = classifier;
    how.reserved[0] = 1;
    assert_int_equal(EXPLAIN("x.png"), NCA_INVALID_ARGUMENT);
    assert_int_equal(count_files(folder), before);
    nca_model_destroy(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(votes_add_up_to_the_scores_of_the_prediction),
        cmocka_unit_test(a_picture_has_the_colour_of_the_winning_class),
        cmocka_unit_test(a_figure_says_what_is_true_and_what_is_predicted),
        cmocka_unit_test(labels_are_listed_and_none_is_said),
        cmocka_unit_test(figures_are_repeatable_and_show_the_image),
        cmocka_unit_test(an_animation_has_a_frame_for_each_step),
        cmocka_unit_test(calls_that_cannot_be_answered_are_refused),
    };
    return cmocka_run_group_tests(tests, begin, remove_folder);
}
