/* Help pages. Lines have at most 88 characters; the texts of all options start in the same
 * column. */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

enum {
    WIDTH = 88,
    COLUMN = 30 /* column where the texts of options start */
};

/* Prints words starting at `column`, and continues in that column on the following lines. */
static void print_wrapped(const char *text, size_t column)
{
    size_t at = column;
    while (*text != 0) {
        size_t word = strcspn(text, " ");
        if (at > column && at + 1 + word > WIDTH) {
            printf("\n%*s", (int)column, "");
            at = column;
        }
        if (at > column) {
            putchar(' ');
            at++;
        }
        printf("%.*s", (int)word, text);
        at += word;
        text += word + (text[word] == ' ');
    }
    putchar('\n');
}

/* Prints a left part and its text, which starts on a separate line if the left part is long. */
static void print_row(const char *left, const char *help)
{
    int length = (int)strlen(left);
    printf("  %s", left);
    if (length + 4 > COLUMN) {
        printf("\n%*s", COLUMN, "");
    } else {
        printf("%*s", COLUMN - 2 - length, "");
    }
    print_wrapped(help, COLUMN);
}

enum {
    DEFAULT_SIZE = 48 /* length of a default that depends on the recipe */
};

/* The default of each recipe as text. */
static void recipe_defaults(char out[NCA_RECIPE_COUNT][DEFAULT_SIZE], const nca_setting *setting)
{
    nca_settings settings;
    nca_settings_default(&settings);
    for (unsigned i = 0; i < NCA_RECIPE_COUNT; i++) {
        nca_settings_apply_recipe(&settings, (nca_recipe)i);
        nca_settings_get(out[i], DEFAULT_SIZE, &settings, setting);
    }
}

/* Whether an earlier recipe has the same default, or it is the usual default. */
static bool is_described(char value[NCA_RECIPE_COUNT][DEFAULT_SIZE], unsigned recipe,
                         const char *usual)
{
    bool described = strcmp(value[recipe], usual) == 0;
    for (unsigned i = 0; i < recipe; i++) {
        described |= strcmp(value[i], value[recipe]) == 0;
    }
    return described;
}

/* "[0.5]", "[4; distill, medmnist: 8; fast: 2]": the defaults from the table. */
static void describe_default(char *out, size_t size, const nca_setting *setting)
{
    nca_settings settings;
    char usual[NCA_SETTING_SIZE], value[NCA_RECIPE_COUNT][DEFAULT_SIZE];
    const char *const *names = nca_setting_named("recipe")->choices;
    nca_settings_default(&settings);
    nca_settings_get(usual, sizeof usual, &settings, setting);
    recipe_defaults(value, setting);
    int length = snprintf(out, size, "[%.80s", *usual != 0 ? usual : "empty");
    for (unsigned i = 0; setting->recipe_dependent && i < NCA_RECIPE_COUNT; i++) {
        if (is_described(value, i, usual)) {
            continue;
        }
        for (unsigned k = i; k < NCA_RECIPE_COUNT; k++) {
            if (strcmp(value[k], value[i]) == 0) {
                length += snprintf(out + length, size - (size_t)length, "%s%.20s",
                                   k == i ? "; " : ", ", names[k]);
            }
        }
        length += snprintf(out + length, size - (size_t)length, ": %s", value[i]);
    }
    snprintf(out + length, size - (size_t)length, "]");
}

static const char *placeholder(const nca_setting *setting)
{
    switch (setting->type) {
    case NCA_SETTING_BOOL:
        return "";
    case NCA_SETTING_NUMBER:
        return "X";
    case NCA_SETTING_BYTES:
        return "SIZE";
    case NCA_SETTING_INTEGER:
        return "N";
    case NCA_SETTING_CHOICE:
    case NCA_SETTING_TEXT:
        return setting->choices != NULL                   ? "NAME"
               : strcmp(setting->key, "changes") == 0     ? "LIST"
               : strcmp(setting->key, "window") == 0      ? "RANGE"
               : strcmp(setting->key, "init") == 0        ? "MODEL"
               : strcmp(setting->key, "init_digest") == 0 ? "DIGEST"
                                                          : "PATH";
    }
    return "";
}

/* Whether the help text already mentions all choices. */
static bool names_all(const char *help, const char *const *choices)
{
    while (*choices != NULL && strstr(help, *choices) != NULL) {
        choices++;
    }
    return *choices == NULL;
}

/* " One of a, b or c." */
static int list_choices(char *out, size_t size, const char *const *choices)
{
    int length = snprintf(out, size, " One of ");
    for (size_t i = 0; choices[i] != NULL; i++) {
        const char *before = i == 0 ? "" : choices[i + 1] != NULL ? ", " : " or ";
        length += snprintf(out + length, size - (size_t)length, "%s%s", before, choices[i]);
    }
    return length + snprintf(out + length, size - (size_t)length, ".");
}

static void describe_row(help_option *out, const option *row)
{
    *out = (help_option){.letter = row->letter};
    snprintf(out->name, sizeof out->name, "%s", row->name);
    snprintf(out->value, sizeof out->value, "%s", row->value != NULL ? row->value : "");
    snprintf(out->help, sizeof out->help, "%s", row->help);
}

static void describe_setting(help_option *out, const nca_setting *setting)
{
    char usual[256];
    *out = (help_option){.negated = setting->type == NCA_SETTING_BOOL, .group = setting->group};
    snprintf(out->name, sizeof out->name, "%s", setting->key);
    for (char *at = out->name; *at != 0; at++) {
        *at = *at == '_' ? '-' : *at;
    }
    snprintf(out->value, sizeof out->value, "%s", placeholder(setting));
    describe_default(usual, sizeof usual, setting);
    int length = snprintf(out->help, sizeof out->help, "%s.", setting->help);
    if (setting->choices != NULL && !names_all(setting->help, setting->choices)) {
        length +=
            list_choices(out->help + length, sizeof out->help - (size_t)length, setting->choices);
    }
    snprintf(out->help + length, sizeof out->help - (size_t)length, " %s", usual);
}

static bool is_in_table(const option *table, const nca_setting *setting)
{
    bool found = false;
    for (const option *row = table; row->name != NULL; row++) {
        found |= strcmp(row->name, setting->key) == 0 ||
                 (setting->alias != NULL && strcmp(row->name, setting->alias) == 0);
    }
    return found;
}

bool help_option_at(help_option *out, const help_page *page, size_t index)
{
    static const option help_row = {"help", 'h', NULL, "Print this help and exit."};
    size_t at = 0;
    for (const option *row = page->table; row->name != NULL; row++) {
        if (at++ == index) {
            describe_row(out, row);
            return true;
        }
    }
    if (at++ == index) {
        describe_row(out, &help_row);
        return true;
    }
    for (size_t i = 0; page->settings && i < nca_setting_count(); i++) {
        const nca_setting *setting = nca_setting_at(i);
        if (!is_in_table(page->table, setting) && at++ == index) {
            describe_setting(out, setting);
            return true;
        }
    }
    return false;
}

static void print_option(const help_option *described)
{
    char left[128], letter[8] = "";
    if (described->letter != 0) {
        snprintf(letter, sizeof letter, "-%c, ", described->letter);
    }
    const bool blank = described->value[0] != 0 && described->value[0] != '[';
    snprintf(left, sizeof left, "%s--%s%s%s%s", letter, described->negated ? "[no-]" : "",
             described->name, blank ? " " : "", described->value);
    print_row(left, described->help);
}

void help_print(const help_page *page)
{
    help_option described;
    const char *group = NULL;
    printf("usage: %s\n\n%s\n\nOptions:\n", page->usage, page->purpose);
    for (size_t i = 0; help_option_at(&described, page, i); i++) {
        if (described.group != NULL && group == NULL) {
            printf("\nSettings (also keys of a settings file; defaults in brackets):\n");
        }
        if (described.group != NULL && (group == NULL || strcmp(group, described.group) != 0)) {
            printf("\n %s\n", described.group);
        }
        group = described.group;
        print_option(&described);
    }
    printf("\nExamples:\n%s", page->examples);
}

bool command_begin(int *out_code, option_values *out_given, const char *name, const help_page *page,
                   size_t most_positionals, const char *expected, int count, char **arguments)
{
    *out_code = options_parse(out_given, name, page->table, page->settings, most_positionals, count,
                              arguments);
    if (*out_code != EXIT_OK) {
        return false;
    }
    if (out_given->help) {
        help_print(page);
        return false;
    }
    if (expected != NULL && out_given->positional_count == 0) {
        *out_code = complain_usage("expected %s; see `nca %s --help`", expected, name);
        return false;
    }
    return true;
}

void help_print_group(const command_group *group)
{
    printf("usage: %s COMMAND [ARGUMENTS]\n\n%s\n\nCommands:\n", group->name, group->purpose);
    for (const command *row = group->commands; row->name != NULL; row++) {
        print_row(row->name, row->purpose);
    }
    printf("\n");
    if (group->version) {
        print_row("--version", "Print the version and exit.");
    }
    char help[160];
    snprintf(
        help, sizeof help,
        "Print this help and exit. `%s COMMAND --help` or `%s help COMMAND` prints the help of "
        "a command.",
        group->name, group->name);
    print_row("-h, --help", help);
    print_row("-q, --quiet", "Do not show progress. Every command accepts this option.");
    printf("\nExamples:\n%s", group->examples);
}
