/* The files of rows of a run: valid and invalid rows, and bounded memory for lines. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "nca/spread.h"
#include "runs/events.h"
#include "runs/metrics.h"
#include "runs/row_file.h"
#include "runs/sweep_results.h"

static const char header[] = "iteration,loss,steps,learning_rate,norm_w1,norm_b1,norm_w2,norm_b2,"
                             "alive_cells,seconds\n";

static const char *write_text(void **state, const char *name, const char *text)
{
    const char *path = path_in(*state, name);
    assert_int_equal(nca__file_write(path, text, strlen(text), NULL), NCA_OK);
    return path;
}

static void a_row_of_metrics_is_read(void **state)
{
    nca_metrics_row row;
    (void)state;
    assert_true(nca__metrics_read_row(&row, "7,0.25,64,0.002,1,inf,-nan,4e-300,900,12.345\n", 4));
    assert_int_equal(row.iteration, 7);
    assert_true(row.loss == 0.25 && row.learning_rate == 0.002 && row.seconds == 12.345);
    assert_true(isinf(row.norm[1]) && isnan(row.norm[2]));
    assert_int_equal(row.steps, 64);
    assert_int_equal(row.alive_cells, 900);
    assert_true(nca__metrics_read_row(&row, "4000000000,nan,0,0,0,0,0,0,0,0\n", 4));
}

static void rows_have_a_norm_for_each_tensor(void **state)
{
    nca_automaton automaton;
    nca_iteration report = {.iteration = 1, .loss = 0.5, .steps = 3};
    nca_metrics_row row;
    nca__metrics m;
    nca__row_file file;
    size_t norms = 77;
    nca_error error;
    const char *path = path_in(*state, "learned.csv");
    nca_automaton_default(&automaton);
    automaton.filter = NCA_FILTER_LEARNED;
    for (size_t i = 0; i < NCA_MAX_TENSORS; i++) {
        report.gradient_norm[i] = (double)i;
    }
    assert_int_equal(nca__metrics_create(&m, path, &automaton, &error), NCA_OK);
    row = nca__metrics_row(&m, &report);
    assert_int_equal(nca__metrics_add(&m, &row, &error), NCA_OK);
    nca__metrics_close(&m);
    assert_int_equal(nca__row_file_open(&file, path, NULL), NCA_OK);
    assert_int_equal(nca__row_file_next(&file), NCA__ROW_WHOLE);
    assert_string_equal(file.text, "iteration,loss,steps,learning_rate,norm_w1,norm_b1,norm_w2,"
                                   "norm_b2,norm_taps,alive_cells,seconds\n");
    assert_true(nca__metrics_read_header(&norms, file.text));
    assert_int_equal(norms, 5);
    nca__norm_names names;
    nca__metrics_norm_names(names, file.text);
    assert_string_equal(names[0], "w1");
    assert_string_equal(names[4], "taps");
    assert_int_equal(nca__row_file_next(&file), NCA__ROW_WHOLE);
    assert_false(nca__metrics_read_row(&row, file.text, 4));
    assert_true(nca__metrics_read_row(&row, file.text, norms));
    assert_int_equal(row.norm_count, 5);
    assert_true(row.norm[4] == 4);
    nca__row_file_close(&file);
    assert_int_equal(nca__metrics_reopen(&m, path, &automaton, 1, &error), NCA_OK);
    assert_int_equal(m.count, 1);
    nca__metrics_close(&m);
    automaton.filter = NCA_FILTER_SOBEL; /* a file of another run */
    assert_int_equal(nca__metrics_reopen(&m, path, &automaton, 1, &error), NCA_FORMAT);
    nca__metrics_close(&m);
}

static void what_begins_no_metrics_file_is_no_header(void **state)
{
    static const char *const bad[] = {
        "",
        "iteration,loss,steps,learning_rate,alive_cells\n",
        "iteration,loss,steps,learning_rate,norm_\n",
        "iteration,loss,steps,learning_rate,norm_w1,alive_cells,seconds",
        "iteration,loss,steps,learning_rate,w1,alive_cells,seconds\n",
        "1,1,1,1,1,1,1,1,1,1\n",
    };
    size_t norms = 77;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(nca__metrics_read_header(&norms, bad[i]));
        assert_int_equal(norms, 77);
    }
    assert_true(nca__metrics_read_header(&norms, header));
    assert_int_equal(norms, 4);
}

static void what_no_training_writes_is_no_row(void **state)
{
    static const char *const bad[] = {
        "9007199254740993,1,1,1,1,1,1,1,1,1\n",     /* 2^53 + 1 iterations */
        "18446744073709551616,1,1,1,1,1,1,1,1,1\n", /* beyond 64 bits */
        "4000000001,1,1,1,1,1,1,1,1,1\n",
        "0,1,1,1,1,1,1,1,1,1\n",
        "-1,1,1,1,1,1,1,1,1,1\n",
        "1,1,99999999999,1,1,1,1,1,1,1\n",
        "1,1,1,1,1,1,1,1,99999999999,1\n",
        "1,1,1,1,1,1,1,1,1,inf\n",
        "1,1,1,1,1,1,1,1,1,-1\n",
        "1,1,1,1,1,1,1,1,1,1e300\n",
        "1,1,1,1,1,1,1,1,1\n",
        "1,1,1,1,1,1,1,1,1,1,1\n",
        "1,1,1,1,1,1,1,1,1,1",
        "1, 1,1,1,1,1,1,1,1,1\n",
        "1,,1,1,1,1,1,1,1,1\n",
        "\n",
        "",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        nca_metrics_row row = {.iteration = 77};
        assert_false(nca__metrics_read_row(&row, bad[i], 4));
        assert_int_equal(row.iteration, 77);
    }
}

static void a_line_is_whole_cut_or_bad(void **state)
{
    nca__row_file file;
    char text[NCA__ROW_SIZE + 40];
    memset(text, 'x', sizeof text);
    snprintf(text + NCA__ROW_SIZE + 8, 32, "\nwhole\ncut");
    assert_int_equal(nca__row_file_open(&file, write_text(state, "rows", text), NULL), NCA_OK);
    assert_int_equal(nca__row_file_next(&file), NCA__ROW_BAD);
    assert_int_equal(nca__row_file_next(&file), NCA__ROW_WHOLE);
    assert_string_equal(file.text, "whole\n");
    assert_int_equal(nca__row_file_next(&file), NCA__ROW_CUT);
    assert_int_equal(nca__row_file_next(&file), NCA__ROW_END);
    nca__row_file_close(&file);
    assert_int_equal(nca__file_write(path_in(*state, "zero"), "a\0b\nc\n", 6, NULL), NCA_OK);
    assert_int_equal(nca__row_file_open(&file, path_in(*state, "zero"), NULL), NCA_OK);
    assert_int_equal(nca__row_file_next(&file), NCA__ROW_BAD);
    assert_int_equal(nca__row_file_next(&file), NCA__ROW_WHOLE);
    nca__row_file_close(&file);
}

/* The largest memory of this process so far, in bytes. */
static size_t peak(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (size_t)usage.ru_maxrss * 1024;
}

static void a_long_line_takes_no_memory(void **state)
{
    enum {
        LONG = 200 << 20
    };
    const char *path = path_in(*state, "long");
    FILE *out = fopen(path, "w");
    char block[1 << 16];
    memset(block, '7', sizeof block);
    for (size_t written = 0; written < LONG; written += sizeof block) {
        assert_int_equal(fwrite(block, 1, sizeof block, out), sizeof block);
    }
    fputs("\nlast\n", out);
    assert_int_equal(fclose(out), 0);
    nca__row_file file;
    const size_t before = peak();
    assert_int_equal(nca__row_file_open(&file, path, NULL), NCA_OK);
    assert_int_equal(nca__row_file_next(&file), NCA__ROW_BAD);
    assert_int_equal(nca__row_file_next(&file), NCA__ROW_WHOLE);
    nca__row_file_close(&file);
    assert_true(peak() - before < LONG / 10);
}

static void what_is_no_file_is_not_opened(void **state)
{
    nca__row_file file;
    const char *pipe = path_in(*state, "pipe");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_not_equal(nca__row_file_open(&file, pipe, NULL), NCA_OK);
    assert_int_not_equal(nca__row_file_open(&file, *state, NULL), NCA_OK);
    assert_int_not_equal(nca__row_file_open(&file, path_in(*state, "none"), NULL), NCA_OK);
}

static void a_resumed_file_ends_at_the_first_row_that_is_none(void **state)
{
    char text[512];
    nca_error error;
    nca__metrics m;
    nca_automaton automaton;
    nca_automaton_default(&automaton);
    snprintf(text, sizeof text, "%s1,0.5,1,1,1,1,1,1,1,1\n2,0.25,1,1,1,1,1,1,1,2\n3,0.1,1", header);
    const char *path = write_text(state, "metrics.csv", text);
    assert_int_equal(nca__metrics_reopen(&m, path, &automaton, 2, &error), NCA_OK);
    assert_int_equal(m.count, 2);
    assert_true(m.losses[1] == 0.25 && m.seconds_before == 2);
    nca__metrics_close(&m);
    snprintf(text, sizeof text, "%s1,0.5,1,1,1,1,1,1,1,1\n2,0.25,1,x,1,1,1,1,1,2\n", header);
    path = write_text(state, "metrics.csv", text);
    assert_int_equal(nca__metrics_reopen(&m, path, &automaton, 2, &error), NCA_FORMAT);
    assert_non_null(strstr(error.message, "row 2"));
    nca__metrics_close(&m);
}

static void events_say_what_is_left_out(void **state)
{
    char changes[NCA_CHANGES_SIZE];
    nca_error error;
    assert_int_equal(nca_events_read(changes, *state, 100, &error), NCA_OK);
    assert_string_equal(changes, "");
    write_text(state, "events.csv", "iteration,key,value\n5,learning_rate,0.001\n200,damage,1\n");
    assert_int_equal(nca_events_read(changes, *state, 100, &error), NCA_OK);
    assert_string_equal(changes, "5 learning_rate 0.001");
    write_text(state, "events.csv",
               "iteration,key,value\n5,learning_rate,0.001\n6,los,1\n7,damage,1\n");
    assert_int_equal(nca_events_read(changes, *state, 100, &error), NCA_FORMAT);
    assert_non_null(strstr(error.message, "events.csv:3"));
    assert_string_equal(changes, "5 learning_rate 0.001, 7 damage 1");
    write_text(state, "events.csv", "iteration,key,value\n9,damage,1\n8,damage,2\n");
    assert_int_equal(nca_events_read(changes, *state, 100, &error), NCA_FORMAT); /* not in order */
    assert_string_equal(changes, "9 damage 1");
}

/* Written by `nca evaluate examples/head.safetensors --rollouts 2 --steps 80,500 --curve-every 250
 * --csv` when there were three shapes of damage, one cut and no fraction of restored rollouts; only
 * the first lines of the curves of healing are included. */
static void an_evaluation_of_an_earlier_version_is_read(void **state)
{
    nca_sweep_result result = {0};
    double surviving = -1;
    nca_error error;
    (void)state;
    assert_int_equal(nca__sweep_evaluation_read(
                         &result, &surviving, NCA_FIXTURES "/evaluation_three_shapes.csv", &error),
                     NCA_OK);
    assert_true(surviving == 1.0 && result.number[NCA_SWEEP_SURVIVING] == 1.0);
    assert_true(result.number[NCA_SWEEP_L2] == 0.00018861478428710426);
    assert_true(result.number[NCA_SWEEP_L2_LATER] == 1.5206798190619565e-05);
}

static void numbers_have_one_format(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},
                 {0.000407, "0.000407"},
                 {0.5, "0.5"},
                 {12.34, "12.3"},
                 {999.6, "1000"},
                 {4562, "4562"},
                 {9999.7, "1e+04"},
                 {77448, "7.74e+04"},
                 {838184, "8.38e+05"},
                 {2.01e7, "2.01e+07"},
                 {0.0001, "0.0001"},
                 {0.0000761, "7.61e-05"},
                 {1e308, "1e+308"},
                 {5e-324, "4.94e-324"},
                 {NAN, "–"},
                 {INFINITY, "inf"},
                 {-INFINITY, "-inf"},
                 {-0.25, "-0.25"}};
    char text[NCA_NUMBER_TEXT_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nca_number_text(text, cases[i].value);
        assert_string_equal(text, cases[i].text);
    }
    static const struct {
        nca_spread value;
        const char *text;
    } spreads[] = {{{0.0123, 0.00041}, "0.0123 ± 0.00041"},
                   {{7.64e-6, 2.7e-9}, "7.64e-06 ± 2.7e-09"},
                   {{0.00106, 2.2e-7}, "0.00106 ± 2.2e-07"},
                   {{51.6, 0.0016}, "51.6 ± 0.0016"},
                   {{171, 123.4}, "171 ± 123"},
                   {{0, 0}, "0 ± 0"},
                   {{0.0123, NAN}, "0.0123"},
                   {{INFINITY, 0}, "inf"},
                   {{NAN, NAN}, "–"},
                   {{1.5, 1e300}, "1.5 ± 1e+300"},
                   {{-1.23e-300, 1.23e300}, "-1.23e-300 ± 1.2e+300"}};
    for (size_t i = 0; i < sizeof spreads / sizeof *spreads; i++) {
        nca_spread_text(text, spreads[i].value);
        assert_string_equal(text, spreads[i].text);
    }
}

#define in_folder(test) \
    cmocka_unit_test_setup_teardown(test, make_temporary_folder, remove_temporary_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_of_metrics_is_read),
        in_folder(rows_have_a_norm_for_each_tensor),
        cmocka_unit_test(what_begins_no_metrics_file_is_no_header),
        cmocka_unit_test(what_no_training_writes_is_no_row),
        in_folder(a_line_is_whole_cut_or_bad),
        in_folder(a_long_line_takes_no_memory),
        in_folder(what_is_no_file_is_not_opened),
        in_folder(a_resumed_file_ends_at_the_first_row_that_is_none),
        in_folder(events_say_what_is_left_out),
        cmocka_unit_test(an_evaluation_of_an_earlier_version_is_read),
        cmocka_unit_test(numbers_have_one_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
