/* Reports: nothing in a text is markup, pictures are in the file, what is refused. */
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
    static const char *const cells[] = {"name", "number", "mixed", "1",   "1.5 ± 0.2",
                                        "7",    "2",      "3e-4",  "word"};
    nca_report_table(report, cells, 3, 3);
    char *text = saved(report, state);
    assert_non_null(
        strstr(text, "<tr><th>name</th><th class=\"n\">number</th><th>mixed</th></tr>"));
    assert_non_null(strstr(text, "<tr><td>2</td><td class=\"n\">3e-4</td><td>word</td></tr>"));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_text_is_markup, make_temporary_folder,
                                        remove_temporary_folder),
        cmocka_unit_test_setup_teardown(columns_of_numbers_stand_to_the_right,
                                        make_temporary_folder, remove_temporary_folder),
        cmocka_unit_test_setup_teardown(pictures_are_in_the_file, make_temporary_folder,
                                        remove_temporary_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
