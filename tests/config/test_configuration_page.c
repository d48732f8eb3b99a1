/* docs/configuration.md contains a table of settings for each group. This test generates the same
 * tables from the table of settings and searches for them in the page. After a change, copy the
 * table that a failure prints into the page. docs/determinism.md lists the settings that may change
 * on resume. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "config/settings_table.h"

enum {
    VALUE = 100
};

/* Whether an earlier recipe has the same value, or it is the default. */
static bool is_told(char value[NCA_RECIPE_COUNT][VALUE], unsigned recipe, const char *usual)
{
    bool told = strcmp(value[recipe], usual) == 0;
    for (unsigned i = 0; i < recipe; i++) {
        told = told || strcmp(value[i], value[recipe]) == 0;
    }
    return told;
}

/* The default, followed by those of the other recipes in brackets; equal values are combined. */
static void write_default(FILE *out, const nca_setting *setting)
{
    nca_settings settings;
    char usual[NCA_SETTING_SIZE], value[NCA_RECIPE_COUNT][VALUE];
    const char *const *names = nca_setting_named("recipe")->choices;
    nca_settings_default(&settings);
    nca_settings_get(usual, sizeof usual, &settings, setting);
    fprintf(out, *usual != 0 ? "`%s`" : "empty", usual);
    for (unsigned i = 0; i < NCA_RECIPE_COUNT; i++) {
        nca_settings_apply_recipe(&settings, (nca_recipe)i);
        nca_settings_get(value[i], VALUE, &settings, setting);
    }
    const char *before = " (";
    for (unsigned i = 0; setting->recipe_dependent && i < NCA_RECIPE_COUNT; i++) {
        if (is_told(value, i, usual)) {
            continue;
        }
        for (unsigned k = i; k < NCA_RECIPE_COUNT; k++) {
            if (strcmp(value[k], value[i]) == 0) {
                fprintf(out, "%s%s", k == i ? before : ", ", names[k]);
            }
        }
        fprintf(out, ": `%s`", value[i]);
        before = "; ";
    }
    fputs(*before == ';' ? ")" : "", out);
}

static void write_row(FILE *out, const nca_setting *setting)
{
    char expectation[256];
    nca__setting_expectation(expectation, sizeof expectation, setting);
    fprintf(out, "| `%s`", setting->key);
    if (setting->alias != NULL) {
        fprintf(out, ", `%s`", setting->alias);
    }
    fprintf(out, " | ");
    write_default(out, setting);
    bool named =
        *setting->unit != 0 && setting->type != NCA_SETTING_BYTES; /* otherwise it is in the text */
    fprintf(out, " | %s%s%s | %s | %s |\n", expectation, named ? ", in " : "",
            named ? setting->unit : "", setting->help,
            nca__setting_place_of(setting).kind == NCA__KIND_CHANGES ? "those to come"
            : setting->exact_resume                                  ? "no"
                                                                     : "yes");
}

static void the_page_has_the_table_of_every_group(void **state)
{
    (void)state;
    uint8_t *page;
    size_t size;
    nca_error error;
    if (nca__file_read(&page, &size, NCA_FIXTURES "/../../docs/configuration.md", 1 << 20,
                       &error) != NCA_OK) {
        fail_msg("%s", error.message);
    }
    size_t missing = 0;
    for (size_t i = 0; i < nca_setting_count();) {
        const char *group = nca_setting_at(i)->group;
        char *text = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);
        assert_non_null(out);
        fprintf(out, "## %s\n\n| key | default | value | meaning | may change on resume |\n",
                group);
        fprintf(out, "|---|---|---|---|---|\n");
        for (; i < nca_setting_count() && strcmp(nca_setting_at(i)->group, group) == 0; i++) {
            write_row(out, nca_setting_at(i));
        }
        fclose(out);
        if (strstr((const char *)page, text) == NULL) {
            printf("%s\n", text);
            missing++;
        }
        free(text);
    }
    free(page);
    assert_int_equal(missing, 0);
}

/* docs/determinism.md lists, in one sentence, the settings that a resumed run may change. */
static void the_page_lists_what_may_change_on_resume(void **state)
{
    (void)state;
    static const char beginning[] = "These settings may change on resume:";
    uint8_t *page;
    size_t size;
    nca_error error;
    if (nca__file_read(&page, &size, NCA_FIXTURES "/../../docs/determinism.md", 1 << 20, &error) !=
        NCA_OK) {
        fail_msg("%s", error.message);
    }
    char *list = strstr((char *)page, beginning);
    assert_non_null(list);
    *strchr(list, '.') = 0;
    for (size_t i = 0; i < nca_setting_count(); i++) {
        const nca_setting *setting = nca_setting_at(i);
        char name[64];
        snprintf(name, sizeof name, "`%s`", setting->key);
        if ((strstr(list, name) == NULL) != setting->exact_resume) {
            fail_msg("%s: may change on resume: %s; docs/determinism.md says otherwise", name,
                     setting->exact_resume ? "no" : "yes");
        }
    }
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_lists_what_may_change_on_resume),
        cmocka_unit_test(the_page_has_the_table_of_every_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
