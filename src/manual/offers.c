/* Derives what shells offer from the tables of commands, options and settings. */
#include "manual/offers.h"

#include <stdio.h>
#include <string.h>

bool offered_command_at(offered_command *out, size_t index)
{
    for (const command *row = all_commands.commands; row->name != NULL; row++) {
        if (row->group == NULL && index-- == 0) {
            snprintf(out->name, sizeof out->name, "%s", row->name);
            out->command = row;
            return true;
        }
        if (row->group == NULL) {
            continue;
        }
        for (const command *below = row->group->commands; below->name != NULL; below++) {
            if (index-- == 0) {
                snprintf(out->name, sizeof out->name, "%s %s", row->name, below->name);
                out->command = below;
                return true;
            }
        }
    }
    return false;
}

static const char *split(unsigned index)
{
    return index < NCA_SPLIT_COUNT ? nca_split_name((nca_split)index) : NULL;
}

static const char *axis(unsigned index)
{
    return nca_axis_name((nca_axis)index);
}

static const char *column_order(unsigned index)
{
    return nca_torch_order_name((nca_torch_order)index);
}

/* Without the views that need a number. */
static const char *view(unsigned index)
{
    static const nca_view_kind kinds[] = {NCA_VIEW_RGBA,   NCA_VIEW_ALPHA,  NCA_VIEW_ALIVE,
                                          NCA_VIEW_HIDDEN, NCA_VIEW_UPDATE, NCA_VIEW_MOSAIC};
    return index < sizeof kinds / sizeof *kinds ? nca_view_name(kinds[index]) : NULL;
}

static const char *precision_of_a_rollout(unsigned index)
{
    static const nca_precision precisions[] = {NCA_PRECISION_FP32, NCA_PRECISION_INT8};
    return index < 2 ? nca_precision_name(precisions[index]) : NULL;
}

/* Options with a fixed list of values that are not settings of the same name. */
static const struct {
    const char *option;
    const char *(*name)(unsigned index); /* NULL beyond the last */
} lists[] = {
    {"split", split},
    {"axis", axis},
    {"column-order", column_order},
    {"view", view},
    {"precision", precision_of_a_rollout},
};

static void add_word(char out[OFFERED_SIZE], const char *word)
{
    const size_t length = strlen(out);
    snprintf(out + length, OFFERED_SIZE - length, "%s%s", length > 0 ? " " : "", word);
}

/* Whether the option has a list of values, which goes to out_words. */
static bool list_values(char out_words[OFFERED_SIZE], const help_option *described)
{
    for (size_t i = 0; described->group == NULL && i < sizeof lists / sizeof *lists; i++) {
        if (strcmp(lists[i].option, described->name) == 0) {
            for (unsigned k = 0; lists[i].name(k) != NULL; k++) {
                add_word(out_words, lists[i].name(k));
            }
            return true;
        }
    }
    if (strcmp(described->name, "quantise") == 0) { /* its placeholder is its only value */
        add_word(out_words, described->value);
        return true;
    }
    const nca_setting *setting = nca_setting_named(described->name);
    for (size_t i = 0; setting != NULL && setting->choices != NULL && setting->choices[i] != NULL;
         i++) {
        add_word(out_words, setting->choices[i]);
    }
    return setting != NULL && setting->choices != NULL;
}

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words != NULL && strcmp(word, *words) != 0) {
        words++;
    }
    return *words != NULL;
}

offer offer_value(char out_words[OFFERED_SIZE], const help_option *described)
{
    static const char *const files[] = {"FILE", "IMAGE", "MODEL", "PATH", "SOURCE", NULL};
    static const char *const folders[] = {"DIR", "FOLDER", NULL};
    *out_words = 0;
    if (described->value[0] == 0 || described->value[0] == '[') {
        return OFFER_NO_VALUE;
    }
    if (strcmp(described->value, "LIST") != 0 && list_values(out_words, described)) {
        return OFFER_WORDS;
    }
    if (is_one_of(described->value, folders) || strcmp(described->name, "root") == 0) {
        return OFFER_FOLDERS;
    }
    return is_one_of(described->value, files) ? OFFER_FILES : OFFER_NOTHING;
}

offer offer_argument(char out_words[OFFERED_SIZE], const help_page *page)
{
    *out_words = 0;
    if (strstr(page->usage, " SET ") == NULL) {
        return OFFER_FILES;
    }
    for (size_t i = 0; i < nca_medmnist_set_count(); i++) {
        add_word(out_words, nca_medmnist_set_at(i)->name);
    }
    return OFFER_WORDS;
}

void offer_summary(char *out, size_t size, const char *help)
{
    static const char *const ends[] = {". ", "; ", " (", " [", NULL};
    size_t length = strlen(help);
    for (size_t i = 0; ends[i] != NULL; i++) {
        const char *end = strstr(help, ends[i]);
        length = end != NULL && (size_t)(end - help) < length ? (size_t)(end - help) : length;
    }
    length = length > 0 && help[length - 1] == '.' ? length - 1 : length;
    snprintf(out, size, "%.*s", (int)length, help);
}
