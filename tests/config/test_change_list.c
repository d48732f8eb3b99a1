/* Lists of settings that change: normalised when set, refused with the entry and the expected
 * value, evaluated for an iteration, extended, compared, and unchanged by files and sweeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/usual_settings.h"
#include "nca/changes.h"
#include "nca/sweep.h"
#include "says.h"

static nca_settings with_changes(const char *list)
{
    nca_settings settings = defaults();
    nca_error error = {0};
    nca_settings_apply_recipe(&settings, NCA_RECIPE_DISTILL);
    if (nca_settings_set(&settings, "changes", list, &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    return settings;
}

static void assert_normalised(const char *list, const char *expected)
{
    nca_settings settings = with_changes(list);
    assert_string_equal(settings.changes, expected);
    /* A normalised list does not change, even if text and field are the same array. */
    assert_int_equal(nca_settings_set(&settings, "changes", settings.changes, NULL), NCA_OK);
    assert_string_equal(settings.changes, expected);
}

static void assert_refused(const char *list, const char *message)
{
    nca_settings settings = with_changes("7 damage 1"), before = settings;
    nca_error error = {0};
    assert_int_equal(nca_settings_set(&settings, "changes", list, &error), NCA_INVALID_ARGUMENT);
    assert_says(error.message, message);
    assert_int_equal(nca_settings_set(&settings, "changes", list, NULL), NCA_INVALID_ARGUMENT);
    assert_memory_equal(&settings, &before, sizeof settings);
}

static void equal_lists_are_equal_texts(void **state)
{
    (void)state;
    assert_normalised("", "");
    assert_normalised(" \n\t ", "");
    assert_normalised("120 learning_rate 0.001, 300 fire_rate 0.6, 500 damage 0",
                      "120 learning_rate 0.001, 300 fire_rate 0.6, 500 damage 0");
    assert_normalised("  120\tlearning-rate  1e-3 ,\n300   fire_rate .60,500 damage false",
                      "120 learning_rate 0.001, 300 fire_rate 0.6, 500 damage 0");
    assert_normalised("5 lr 0.1", "5 learning_rate 0.1");
    assert_normalised("0005 damage_shape HALF_PLANE", "5 damage_shape half-plane");
    /* In one iteration the order of keys does not matter, and the later entry of a key wins. */
    assert_normalised("3 damage 2, 3 lr 0.5, 3 damage_shape square, 3 fire_rate 1",
                      "3 learning_rate 0.5, 3 fire_rate 1, 3 damage 2, 3 damage_shape square");
    assert_normalised("3 damage 2, 3 lr 0.5, 3 damage 1, 4 damage 2",
                      "3 learning_rate 0.5, 3 damage 1, 4 damage 2");
    assert_normalised("4294967295 damage 65536", "4294967295 damage 65536");
}

static void an_entry_that_is_wrong_is_named(void **state)
{
    (void)state;
    static const char words[] = "*120*learning_rate*0.001*";
    const struct {
        const char *list, *entry, *why, *found;
    } cases[] = {
        {"x damage 0", "1 (\"x damage 0\")", "*1*4294967295*\"x\"*", ""},
        {"0 damage 0", "1 (\"0 damage 0\")", "*1*4294967295*\"0\"*", ""},
        {"4294967296 damage 0", "1 (\"4294967296 damage 0\")", "*1*4294967295*\"4294967296\"*", ""},
        {"1 damage 0, 2 damage", "2 (\"2 damage\")", words, "less"},
        {"1 damage 0, 2 damage 1 2", "2 (\"2 damage 1 2\")", words, "more"},
        {"1 damage 0,, 2 damage 1", "2 (\"\")", words, "nothing"},
        {"1 damage 0, ", "2 (\"\")", words, "nothing"},
        {"1 fire_rat 0.5", "1 (\"1 fire_rat 0.5\")", "*\"fire_rat\"*\"fire_rate\"*", ""},
        {"1 xyzzy 0.5", "1 (\"1 xyzzy 0.5\")", "*\"xyzzy\"*learning_rate*fire_rate*damage_shape*",
         ""},
        {"1 batch 4", "1 (\"1 batch 4\")", "batch_size*learning_rate*fire_rate*damage_shape*", ""},
        {"1 fire_rate 0", "1 (\"1 fire_rate 0\")", "fire_rate:*1e-06*1*\"0\"*", ""},
        {"1 lr nan", "1 (\"1 lr nan\")", "learning_rate:*1e-09*10*\"nan\"*", ""},
        {"1 damage_shape disc", "1 (\"1 damage_shape disc\")", "damage_shape:*\"disc\"*", ""},
        {"5 damage 1, 9 damage 2, 8 lr 1", "3 (\"8 lr 1\")", "*iteration*9*previous*entry*8*", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char message[512];
        snprintf(message, sizeof message, "changes: entry %s: %s%s", cases[i].entry, cases[i].why,
                 cases[i].found);
        assert_refused(cases[i].list, message);
    }
    /* A list is never truncated to something that could be read. */
    char list[400] = "1 damage 000";
    memset(list + strlen(list), '0', 200);
    strcat(list, "3");
    nca_settings settings = defaults();
    assert_int_equal(nca_settings_set(&settings, "changes", list, NULL), NCA_INVALID_ARGUMENT);
}

/* The longest possible entries. */
static size_t write_long_list(char *out, size_t size, unsigned count)
{
    size_t length = 0;
    for (unsigned i = 0; i < count; i++) {
        length += (size_t)snprintf(out + length, size - length, "%s%u learning_rate %s",
                                   i > 0 ? ", " : "", 4000000000u + i, "1.2345679e-09");
    }
    return length;
}

static void four_hundred_changes_fit_and_too_many_are_refused(void **state)
{
    (void)state;
    static char list[40000];
    write_long_list(list, sizeof list, 400);
    nca_settings settings = with_changes(list);
    assert_string_equal(settings.changes, list);
    /* Through a file and back. */
    char *text = NULL;
    nca_settings back = defaults();
    assert_int_equal(nca_settings_format(&text, &settings, NULL), NCA_OK);
    assert_int_equal(nca_settings_parse(&back, text, strlen(text), "text", NULL), NCA_OK);
    assert_memory_equal(&back, &settings, sizeof back);
    free(text);
    const char *at = settings.changes;
    nca_change change;
    unsigned count = 0;
    for (; nca_change_next(&change, &at); count++) {
        assert_int_equal(change.iteration, 4000000000u + count);
        assert_string_equal(change.value, "1.2345679e-09");
    }
    assert_int_equal(count, 400);
    write_long_list(list, sizeof list, 420);
    nca_error error;
    assert_int_equal(nca_settings_set(&back, "changes", list, &error), NCA_LIMIT);
    assert_says(error.message, "changes:*list*16383*bytes*enough*400*16798*");
    assert_memory_equal(&back, &settings, sizeof back);
    /* A full list accepts no entries, but existing ones can be replaced. */
    nca_status status = NCA_OK;
    for (uint32_t i = 0; status == NCA_OK; i++) {
        assert_true(i < 100);
        back = settings;
        status =
            nca_settings_change(&settings, 4100000000u + i, "learning_rate", "0.00123456", &error);
    }
    assert_int_equal(status, NCA_LIMIT);
    assert_memory_equal(&back, &settings, sizeof back);
    assert_int_equal(nca_settings_change(&settings, 4000000007u, "lr", "0.5", &error), NCA_OK);
    assert_non_null(strstr(settings.changes, ", 4000000007 learning_rate 0.5, "));
}

static void what_is_in_effect_follows_from_the_list_alone(void **state)
{
    (void)state;
    nca_settings settings =
        with_changes("5 lr 0.25, 5 damage 0, 9 fire_rate 0.75, 12 lr 0.5, 12 damage_shape square");
    nca_settings now;
    for (uint64_t iteration = 0; iteration < 20; iteration++) {
        nca_settings expected = settings;
        expected.learning_rate = iteration < 5    ? settings.learning_rate
                                 : iteration < 12 ? 0.25f
                                                  : 0.5f;
        expected.damage = iteration < 5 ? 3 : 0;
        expected.fire_rate = iteration < 9 ? 0.5f : 0.75f;
        expected.damage_shape = iteration < 12 ? NCA_DAMAGE_CIRCLE : NCA_DAMAGE_SQUARE;
        nca_settings_in_effect(&now, &settings, iteration);
        assert_memory_equal(&now, &expected, sizeof now);
    }
}

static void a_change_is_put_where_it_belongs(void **state)
{
    (void)state;
    nca_settings s = with_changes("");
    nca_error error;
    assert_int_equal(nca_settings_change(&s, 7, "lr", "0.10", &error), NCA_OK);
    assert_string_equal(s.changes, "7 learning_rate 0.1");
    assert_int_equal(nca_settings_change(&s, 9, "damage", "true", &error), NCA_OK);
    assert_string_equal(s.changes, "7 learning_rate 0.1, 9 damage 3");
    assert_int_equal(nca_settings_change(&s, 3, "fire-rate", "1", &error), NCA_OK);
    assert_string_equal(s.changes, "3 fire_rate 1, 7 learning_rate 0.1, 9 damage 3");
    assert_int_equal(nca_settings_change(&s, 7, "learning_rate", "0.2", &error), NCA_OK);
    assert_string_equal(s.changes, "3 fire_rate 1, 7 learning_rate 0.2, 9 damage 3");
    assert_int_equal(nca_settings_change(&s, 7, "damage_shape", "square", &error), NCA_OK);
    assert_int_equal(nca_settings_change(&s, 7, "fire_rate", "0.5", &error), NCA_OK);
    assert_string_equal(s.changes, "3 fire_rate 1, 7 learning_rate 0.2, 7 fire_rate 0.5, 7 "
                                   "damage_shape square, 9 damage 3");
    const nca_settings before = s;
    assert_int_equal(nca_settings_change(&s, 7, "fire_rat", "1", &error), NCA_NOT_FOUND);
    assert_says(error.message, "*\"fire_rat\"*\"fire_rate\"*");
    assert_int_equal(nca_settings_change(&s, 7, "damage", "1, 8 damage 2", &error),
                     NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_settings_change(&s, 7, "hidden", "4", &error), NCA_INVALID_ARGUMENT);
    assert_int_equal(nca_settings_change(&s, 0, "damage", "1", &error), NCA_INVALID_ARGUMENT);
    assert_says(error.message, "changes:*1*4294967295*0*");
    assert_int_equal(nca_settings_change(&s, UINT64_C(1) << 32, "damage", "1", NULL),
                     NCA_INVALID_ARGUMENT);
    assert_memory_equal(&s, &before, sizeof s);
    for (size_t i = 0, count = 0; i < nca_setting_count(); i++) {
        count += nca_setting_can_change(nca_setting_at(i));
        assert_true(i + 1 < nca_setting_count() || count == 4);
    }
    assert_false(nca_setting_can_change(NULL));
}

static void lists_are_compared_up_to_an_iteration(void **state)
{
    (void)state;
    const nca_settings a = with_changes("3 damage 1, 5 lr 0.1, 9 damage 2");
    const nca_settings b = with_changes("3 damage 1, 5 lr 0.2");
    nca_change different[2];
    assert_true(nca_changes_agree(different, &a, &a, UINT64_MAX));
    assert_true(nca_changes_agree(different, &a, &b, 4));
    assert_false(nca_changes_agree(NULL, &a, &b, 5));
    assert_false(nca_changes_agree(different, &a, &b, 5));
    assert_string_equal(different[0].value, "0.1");
    assert_string_equal(different[1].value, "0.2");
    const nca_settings none = with_changes("");
    assert_false(nca_changes_agree(different, &none, &a, 3));
    assert_int_equal(different[0].iteration, 0);
    assert_int_equal(different[1].iteration, 3);
    assert_true(nca_changes_agree(different, &none, &a, 2));
}

static void a_list_stands_in_a_file_quoted_or_plain(void **state)
{
    (void)state;
    static const char *const texts[] = {"changes: 5 damage 1, 6 lr 0.5\n",
                                        "changes: \"5 damage 1, 6 lr 0.5\"\n",
                                        "changes: >\n  5 damage 1,\n  6 learning_rate 0.5\n"};
    nca_settings s;
    nca_error error = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        nca_settings_default(&s);
        assert_int_equal(nca_settings_parse(&s, texts[i], strlen(texts[i]), "c.yaml", &error),
                         NCA_OK);
        assert_string_equal(s.changes, "5 damage 1, 6 learning_rate 0.5");
    }
    static const char wrong[] = "seed: 1\nchanges: 5 damge 1\n";
    assert_int_equal(nca_settings_parse(&s, wrong, strlen(wrong), "c.yaml", &error),
                     NCA_INVALID_ARGUMENT);
    assert_says(error.message, "c.yaml:2:*changes:*1*\"5 damge 1\"*\"damge\"*\"damage\"*");
    static const char empty[] = "changes:\n";
    assert_int_equal(nca_settings_parse(&s, empty, strlen(empty), "c.yaml", &error), NCA_OK);
    assert_string_equal(s.changes, "");
}

/* A C program may fill the struct itself. */
static void a_field_that_is_no_list_is_refused(void **state)
{
    (void)state;
    nca_settings s = defaults();
    nca_error error;
    memset(s.changes, 'a', sizeof s.changes);
    assert_int_equal(nca_settings_check(&s, &error), NCA_INVALID_ARGUMENT);
    assert_says(error.message, "changes:*120*learning_rate*0.001*300*fire_rate*0.6*");
    snprintf(s.changes, sizeof s.changes, "3 damage 1, 2 damage 1");
    assert_int_equal(nca_settings_check(&s, &error), NCA_INVALID_ARGUMENT);
    assert_non_null(strstr(error.message, "entry 2 (\"2 damage 1\")"));
}

static void lists_can_be_an_axis_of_a_sweep(void **state)
{
    (void)state;
    static const char file[] = "changes: [\"\", \"5 damage 1, 9 lr 0.1\", \"5 damage 1,9 lr .1\"]\n"
                               "seeds: 2\n";
    nca_sweep *sweep = NULL;
    nca_error error = {0};
    assert_int_equal(nca_sweep_parse(&sweep, file, strlen(file), "s.yaml", NULL, 0, &error),
                     NCA_OK);
    assert_int_equal(nca_sweep_count(sweep), 4); /* two of the lists are equal */
    assert_int_equal(nca_sweep_axis_count(sweep), 1);
    assert_string_equal(nca_sweep_axis(sweep, 0)->key, "changes");
    assert_string_equal(nca_sweep_value(sweep, 2, 0), "5 damage 1, 9 learning_rate 0.1");
    assert_string_equal(nca_sweep_name(sweep, 0), "changes-none_seed0");
    assert_string_equal(nca_sweep_name(sweep, 3), "changes-5-damage-1-9-learning_rate-0.1_seed1");
    assert_string_equal(nca_sweep_label(sweep, 0, 0), "changes none");
    assert_string_equal(nca_sweep_label(sweep, 2, 0), "changes 5 damage 1\n9 learning_rate 0.1");
    nca_sweep_destroy(sweep);
    static const char fixed[] = "filter: [sobel, scharr]\n";
    const nca_sweep_override overrides[] = {{"changes", "5 damage 1, 9 lr 0.1"}};
    assert_int_equal(nca_sweep_parse(&sweep, fixed, strlen(fixed), "s.yaml", overrides, 1, &error),
                     NCA_OK);
    assert_int_equal(nca_sweep_count(sweep), 2);
    assert_string_equal(nca_sweep_settings(sweep, 1)->changes, "5 damage 1, 9 learning_rate 0.1");
    nca_sweep_destroy(sweep);
    /* Names and labels that are equal where they are truncated stay different. */
    static const char alike[] =
        "changes: [\"1 damage 1, 2 damage 2, 3 damage 1, 4 damage 2, 5 damage 1, 6 damage 2\",\n"
        "  \"1 damage 1, 2 damage 2, 3 damage 1, 4 damage 2, 5 damage 1, 6 damage 3\"]\n";
    assert_int_equal(nca_sweep_parse(&sweep, alike, strlen(alike), "s.yaml", NULL, 0, &error),
                     NCA_OK);
    assert_int_equal(nca_sweep_count(sweep), 2);
    assert_string_not_equal(nca_sweep_name(sweep, 0), nca_sweep_name(sweep, 1));
    assert_string_equal(nca_sweep_label(sweep, 1, 0),
                        "changes 1 damage 1\n2 damage 2\n3 damage 1\n4 "
                        "damage 2\n5 damage 1\nand 1 more");
    nca_sweep_destroy(sweep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_lists_are_equal_texts),
        cmocka_unit_test(an_entry_that_is_wrong_is_named),
        cmocka_unit_test(four_hundred_changes_fit_and_too_many_are_refused),
        cmocka_unit_test(what_is_in_effect_follows_from_the_list_alone),
        cmocka_unit_test(a_change_is_put_where_it_belongs),
        cmocka_unit_test(lists_are_compared_up_to_an_iteration),
        cmocka_unit_test(a_list_stands_in_a_file_quoted_or_plain),
        cmocka_unit_test(a_field_that_is_no_list_is_refused),
        cmocka_unit_test(lists_can_be_an_axis_of_a_sweep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
