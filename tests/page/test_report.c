/* Reports: text is never markup, pictures are embedded, refused files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/temporary_folder.h"
#include "nca/report.h"

static char *saved(const nca_report *report, void **state)
{
    const char *path = path_in(*state, "report.html");
    assert_int_equal(nca_report_save(report, path, NULL), NCA_OK);
    uint8_t *bytes = NULL;
    size_t size;
    assert_int_equal(nca__file_read(&bytes, &size, path, 1 << 20, NULL), NCA_OK);
    return (char *)bytes;
}

static void no_text_is_markup(void **state)
{
    nca_report *report = NULL;
    assert_int_equal(nca_report_create(&report, "</title><script>1", NULL), NCA_OK);
    nca_report_heading(report, 2, "<img src=x>");
    nca_report_paragraph(report, "a & b \xff <b>");
    static const char *const cells[] = {"<i>", "\"q\"", "x<y", "1"};
    nca_report_table(report, cells, 2, 2);
    char *text = saved(report, state);
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "<img src=x"));
    assert_null(strstr(text, "<b>"));
    assert_null(strstr(text, "<i>"));
    assert_non_null(strstr(text, "&lt;/title&gt;&lt;script&gt;1</title>"));
    assert_non_null(strstr(text, "a &amp; b ? &lt;b&gt;"));
    assert_non_null(strstr(text, "default-src 'none'"));
    free(text);
    nca_report_destroy(report);
}

static void columns_of_numbers_stand_to_the_right(void **state)
{
    nca_report *report = NULL;
    assert_int_equal(nca_report_create(&report, "t", NULL), NCA_OK);
    static const char *const cells[] = {"name of it", "number",    "mixed", "1",   "1.5 ± 0.2",
                                        "7",          "two words", "3e-4",  "word"};
    nca_report_table(report, cells, 3, 3);
    char *text = saved(report, state);
    assert_non_null(
        strstr(text, "<th>name of it</th><th class=\"n\">number</th><th>mixed</th></tr>"));
    assert_non_null(strstr(text, "<td>two words</td><td class=\"n\">3e-4</td><td>word</td></tr>"));
    free(text);
    nca_report_destroy(report);
}

static void shares_are_numbers_and_short_words_are_not_broken(void **state)
{
    nca_report *report = NULL;
    assert_int_equal(nca_report_create(&report, "t", NULL), NCA_OK);
    static const char *const cells[] = {"damage", "alive", "word", "half-plane", "3 of 12",  "foo",
                                        "disc",   "dead",  "bar",  "square",     "diverged", "baz"};
    nca_report_table(report, cells, 4, 3);
    char *text = saved(report, state);
    assert_non_null(strstr(text, "<td class=\"short\">half-plane</td><td class=\"n\">3 of "
                                 "12</td><td>foo</td>"));
    assert_non_null(strstr(text, "<td class=\"short\">disc</td>"));
    free(text);
    nca_report_destroy(report);
}

static void pictures_are_in_the_file(void **state)
{
    nca_report *report = NULL;
    nca_error error;
    const char *path = path_in(*state, "picture.png");
    assert_int_equal(nca__file_write(path, "abc", 3, NULL), NCA_OK);
    assert_int_equal(nca_report_create(&report, "t", NULL), NCA_OK);
    assert_int_equal(nca_report_picture(report, path, "a \"caption\"", &error), NCA_OK);
    assert_int_equal(nca_report_picture(report, "x.bmp", "", &error), NCA_UNSUPPORTED);
    assert_int_equal(nca_report_picture(report, "no/such.png", "", &error), NCA_NOT_FOUND);
    char *text = saved(report, state);
    assert_non_null(
        strstr(text, "<img alt=\"a &quot;caption&quot;\" src=\"data:image/png;base64,YWJj\">"));
    free(text);
    nca_report_destroy(report);
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;
    while ((text = strstr(text, what)) != NULL) {
        text++;
        count++;
    }
    return count;
}

static void a_picture_is_taken_in_once(void **state)
{
    nca_report *report = NULL;
    const char *path = path_in(*state, "picture.png");
    assert_int_equal(nca_report_create(&report, "t", NULL), NCA_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(nca__file_write(path, i == 1 ? "abd" : "abc", 3, NULL), NCA_OK);
        assert_int_equal(nca_report_picture(report, path, "c", NULL), NCA_OK);
    }
    char *text = saved(report, state);
    assert_int_equal(count_of(text, ";base64,"), 2);
    assert_int_equal(count_of(text, "href=\"#picture-1\""), 1);
    free(text);
    nca_report_destroy(report);
}

static void a_gallery_has_each_image_with_its_caption(void **state)
{
    nca_report *report = NULL;
    nca_image *images[2] = {NULL, NULL};
    nca_report_thumbnail thumbnails[2];
    static const char *const captions[2] = {"<a>\ntrue: b\npredicted: c & d", "alone"};
    assert_int_equal(nca_report_create(&report, "t", NULL), NCA_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(nca_image_create(&images[i], 3, 2, NULL), NCA_OK);
        thumbnails[i] = (nca_report_thumbnail){images[i], captions[i]};
    }
    assert_int_equal(nca_report_gallery(report, thumbnails, 2, NULL), NCA_OK);
    char *text = saved(report, state);
    /* Equal images are not replaced by links: each belongs to its caption. */
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, "src=\"data:image/png;base64,")) != NULL; at++) {
        count++;
    }
    assert_int_equal(count, 2);
    assert_null(strstr(text, "Same picture"));
    assert_non_null(strstr(text, "<figcaption><strong>&lt;a&gt;</strong><br>true: b<br>predicted: "
                                 "c &amp; d</figcaption>"));
    assert_non_null(strstr(text, "<figcaption><strong>alone</strong></figcaption>"));
    free(text);
    nca_image_destroy(images[0]);
    nca_image_destroy(images[1]);
    nca_report_destroy(report);
}

static void three_parts_have_a_list_of_contents(void **state)
{
    nca_report *report = NULL;
    assert_int_equal(nca_report_create(&report, "t", NULL), NCA_OK);
    nca_report_byline(report, "on <this> day");
    nca_report_heading(report, 2, "One & only");
    const nca_report_cell cells[] = {{.text = "run"},
                                     {.text = "loss"},
                                     {.text = "a", .part = 3},
                                     {.text = "0.5", .strong = true}};
    nca_report_cells(report, cells, 2, 2);
    nca_report_heading(report, 2, "two");
    char *text = saved(report, state);
    assert_null(strstr(text, "<nav"));
    assert_non_null(strstr(text, "<p class=\"by\">on &lt;this&gt; day</p>"));
    free(text);
    nca_report_heading(report, 2, "three");
    nca_report_fold(report, "More", false);
    nca_report_paragraph(report, "folded");
    nca_report_unfold(report);
    nca_report_unfold(report); /* one too many */
    text = saved(report, state);
    assert_non_null(strstr(text, "<li><a href=\"#part-1\">One &amp; only</a></li>"));
    assert_non_null(strstr(text, "<h2 id=\"part-3\">three</h2>"));
    assert_non_null(strstr(text, "<td class=\"short\"><a href=\"#part-3\">a</a></td>"));
    assert_non_null(strstr(text, "<td class=\"n\"><strong>0.5</strong></td>"));
    assert_non_null(strstr(text, "<details><summary>More</summary>\n<p>folded</p>\n</details>"));
    assert_int_equal(count_of(text, "</details>"), 1);
    free(text);
    nca_report_destroy(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_text_is_markup, make_temporary_folder,
                                        remove_temporary_folder),
        cmocka_unit_test_setup_teardown(columns_of_numbers_stand_to_the_right,
                                        make_temporary_folder, remove_temporary_folder),
        cmocka_unit_test_setup_teardown(shares_are_numbers_and_short_words_are_not_broken,
                                        make_temporary_folder, remove_temporary_folder),
        cmocka_unit_test_setup_teardown(a_picture_is_taken_in_once, make_temporary_folder,
                                        remove_temporary_folder),
        cmocka_unit_test_setup_teardown(a_gallery_has_each_image_with_its_caption,
                                        make_temporary_folder, remove_temporary_folder),
        cmocka_unit_test_setup_teardown(three_parts_have_a_list_of_contents, make_temporary_folder,
                                        remove_temporary_folder),
        cmocka_unit_test_setup_teardown(pictures_are_in_the_file, make_temporary_folder,
                                        remove_temporary_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
