/* Tables of images: headings, quotes, line ends, splits, what is refused. */
#include "data/labelled_fixture.h"

/* Eight images, d0.png to d7.png, and the path of the table. */
static const char *table_of(temporary_folder *folder, const char *text)
{
    char name[32];
    for (unsigned i = 0; i < 8; i++) {
        snprintf(name, sizeof name, "images/d%u.png", i);
        put_grey(folder, name, (uint8_t)(10 * i));
    }
    put_text(folder, "table.csv", text);
    return path_in(folder, "table.csv");
}

static void expect_labels(const nca_labelled *data, nca_split split, const uint8_t *values,
                          const uint8_t *labels, size_t count)
{
    assert_int_equal(data->split[split].count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(data->split[split].images[16 * i], values[i]);
        assert_int_equal(data->split[split].labels[i], labels[i]);
    }
}

static void a_table_with_splits_keeps_its_order(void **state)
{
    nca_labelled *data = open_data(table_of(*state, "images/d3.png,b,train\n"
                                                    "images/d1.png,a,test\n"
                                                    "images/d2.png,a,train\n"
                                                    "images/d0.png,b,train\n"
                                                    "images/d5.png,b,val"),
                                   NULL);
    assert_int_equal(data->classes, 2);
    assert_string_equal(data->class_names[1], "b");
    expect_labels(data, NCA_SPLIT_TRAIN, (const uint8_t[]){30, 20, 0}, (const uint8_t[]){1, 0, 1},
                  3);
    expect_labels(data, NCA_SPLIT_VAL, (const uint8_t[]){50}, (const uint8_t[]){1}, 1);
    expect_labels(data, NCA_SPLIT_TEST, (const uint8_t[]){10}, (const uint8_t[]){0}, 1);
    assert_says(data->split[NCA_SPLIT_TEST].names[0], "*/images/d1.png");
    nca_labelled_close(data);
}

static void a_heading_may_have_other_columns_and_fields_quotes(void **state)
{
    nca_labelled *data =
        open_data(table_of(*state, "\xef\xbb\xbfSplit, age ,Label,PATH\r\n"
                                   "train,5,\"ten, or \"\"more\"\"\", images/d1.png \r\n"
                                   "\r\n"
                                   "val, \"x,\ny\" ,\"9\",\"images/d2.png\"\r\n"
                                   "train,,9,images/d3.png\r\n"),
                  NULL);
    assert_string_equal(data->class_names[0], "9");
    assert_string_equal(data->class_names[1], "ten, or \"more\"");
    expect_labels(data, NCA_SPLIT_TRAIN, (const uint8_t[]){10, 30}, (const uint8_t[]){1, 0}, 2);
    expect_labels(data, NCA_SPLIT_VAL, (const uint8_t[]){20}, (const uint8_t[]){0}, 1);
    nca_labelled_close(data);
}

static void an_exported_table_is_read_back(void **state)
{
    temporary_folder *folder = *state;
    for (unsigned i = 0; i < 4; i++) {
        char name[32];
        snprintf(name, sizeof name, "birds/%s%u_%u.png",
                 i < 2    ? "train"
                 : i == 2 ? "val"
                          : "test",
                 i < 2 ? i : 0, i % 2);
        put_grey(folder, name, (uint8_t)(10 * i));
    }
    put_text(folder, "birds.csv",
             "TRAIN,train0_0.png,0\nTRAIN,train1_1.png,1\n"
             "VALIDATION,val0_0.png,0\nTEST,test0_1.png,1\n");
    nca_labelled *data = open_data(path_in(folder, "birds.csv"), NULL);
    assert_int_equal(data->classes, 2);
    expect_labels(data, NCA_SPLIT_TRAIN, (const uint8_t[]){0, 10}, (const uint8_t[]){0, 1}, 2);
    expect_labels(data, NCA_SPLIT_VAL, (const uint8_t[]){20}, (const uint8_t[]){0}, 1);
    expect_labels(data, NCA_SPLIT_TEST, (const uint8_t[]){30}, (const uint8_t[]){1}, 1);
    assert_false(data->drawn);
    nca_labelled_close(data);
}

static void splits_are_drawn_if_the_table_has_none(void **state)
{
    temporary_folder *folder = *state;
    char text[1024] = "path,label\n";
    for (unsigned i = 0; i < 8; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s/images/d%u.png,%u\n",
                 folder->path, i, i % 2);
    }
    nca_labelled *data = open_data(table_of(folder, text), NULL);
    assert_int_equal(data->split[NCA_SPLIT_TRAIN].count, 4);
    expect_counts(data, NCA_SPLIT_VAL, (const size_t[]){1, 1});
    expect_counts(data, NCA_SPLIT_TEST, (const size_t[]){1, 1});
    assert_says(data->notices, "the splits were drawn*");
    assert_true(data->drawn);
    nca_labelled_close(data);
}

static void a_path_in_two_splits_is_noticed(void **state)
{
    nca_labelled *data = open_data(table_of(*state, "images/d3.png,b,train\n"
                                                    "images/d2.png,a,train\n"
                                                    "./images/../images/d2.png,a,test\n"),
                                   NULL);
    assert_says(data->notices, "*images of test with the same pixels*1 of 1*which are the same "
                               "file\n*");
    nca_labelled_close(data);
}

/* A table and what its refusal says after the name of the table. */
typedef struct refusal {
    const char *text;
    nca_status status;
    const char *pattern;
} refusal;

static void bad_tables_are_refused_with_the_line(void **state)
{
    static const refusal refusals[] = {
        {"", NCA_NOT_FOUND, "*expected labelled images, found none"},
        {"path,label\n\n", NCA_NOT_FOUND, "*expected labelled images, found none"},
        {"path,class\nimages/d1.png,a\n", NCA_FORMAT, "*line 1*no column \"label\"*"},
        {"label\n1\n", NCA_FORMAT, "*line 1*no column \"path\"*"},
        {"path,label,path\n", NCA_FORMAT, "*line 1*one column \"path\", found two*"},
        {"images/d1.png\n", NCA_FORMAT, "*line 1*found 1 columns*"},
        {"images/d1.png;a\n", NCA_FORMAT, "*line 1*found 1 columns; separate them with commas"},
        {"a,b,c,d\n", NCA_FORMAT, "*line 1*found 4 columns"},
        {"images/d1.png,a\nimages/d2.png,b,val\n", NCA_FORMAT,
         "*line 2: expected 2 columns*found 3*"},
        {"images/d1.png,a,train\nimages/d2.png,b\n", NCA_FORMAT,
         "*line 2: expected 3 columns*found 2*"},
        {"images/d1.png,a,train\nimages/d2.png,b,valid\n", NCA_FORMAT,
         "*line 2*split train, val or test, found \"valid\""},
        {"TRAIN,d1.png,a\nval,d2.png,b\n", NCA_FORMAT, "*line 2*VALIDATION*found \"val\""},
        {"images/d1.png,\n", NCA_FORMAT, "*line 1*found no label"},
        {"\n\"\",a\n", NCA_FORMAT, "*line 2*found no path"},
        {"images/d1.png,\"a\n\nb\n", NCA_FORMAT, "*line 1: expected a closing quote*"},
        {"images/d1.png,\"a\" b\n", NCA_FORMAT, "*line 1*after the closing quote, found \"b\"*"},
        {"\"images/d1.png\",\"a\nb\"\n", NCA_FORMAT, "*line 1*class name in UTF-8, found \"a?b\""},
        {"images/d1.png,a\n\nimages/none.png,b\n", NCA_NOT_FOUND,
         "*line 3: the file */images/none.png does not exist*"},
        {"images/d1.png,a\nimages/d2.png,a\n", NCA_INVALID_ARGUMENT, "*only the class \"a\"*"},
        {"images/d1.png,a\ntable.csv,b\n", NCA_FORMAT, "*line 2: */table.csv: *skip_broken*"},
        {"images/d1.png,a,train\nimages/d2.png,b,test\n", NCA_INVALID_ARGUMENT,
         "*none of the class \"b\", but 1 in test*"},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        expect_refusal(table_of(*state, refusals[i].text), NULL, refusals[i].status,
                       refusals[i].pattern);
    }
    static const char wide[] = "\xff\xfe\x61\0,\0\x62\0\n";
    const char *path = table_of(*state, "");
    assert_int_equal(nca__file_write(path, wide, sizeof wide, NULL), NCA_OK);
    expect_refusal(path, NULL, NCA_FORMAT, "*table.csv: expected a text, found a byte 0*");
    expect_refusal(path_in(*state, "none.csv"), NULL, NCA_NOT_FOUND, "*none.csv*");
    char columns[256] = "";
    for (size_t i = 0; i < 70; i++) {
        strcat(columns, "x,");
    }
    expect_refusal(table_of(*state, columns), NULL, NCA_LIMIT, "*line 1*at most 64 columns*");
}

static void missing_files_can_be_left_out(void **state)
{
    nca_labelled_options options = default_options();
    options.skip_broken = true;
    nca_labelled *data = open_data(table_of(*state, "images/d1.png,a,train\nnone.png,b,train\n"
                                                    "images/d2.png,b,train\n"),
                                   &options);
    assert_int_equal(data->skipped, 1);
    assert_int_equal(data->split[NCA_SPLIT_TRAIN].count, 2);
    assert_says(data->notices, "*left out: 1; the first: */none.png*");
    nca_labelled_close(data);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_temporary_folder, remove_temporary_folder)
    const struct CMUnitTest tests[] = {
        TEST(a_table_with_splits_keeps_its_order),
        TEST(a_heading_may_have_other_columns_and_fields_quotes),
        TEST(an_exported_table_is_read_back),
        TEST(splits_are_drawn_if_the_table_has_none),
        TEST(a_path_in_two_splits_is_noticed),
        TEST(bad_tables_are_refused_with_the_line),
        TEST(missing_files_can_be_left_out),
    };
#undef TEST
    return cmocka_run_group_tests_name("labelled tables", tests, NULL, NULL);
}
