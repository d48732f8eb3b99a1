/* The option parser. It uses option tables and the library's settings, and is the same for all
 * commands. */
#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/option_values.h"

/* The options of all commands. Scripts can pass --quiet to any command; it always means that
 * progress is not shown. */
static const option help_option = {"help", 'h', NULL, "Print this help and exit."};
static const option quiet_option = QUIET_OPTION;
static const option *const common_options[] = {&help_option, &quiet_option};

enum {
    COMMON_OPTIONS = sizeof common_options / sizeof *common_options
};

/* The part before '=' of "name=value". */
typedef struct name_text {
    char text[64];
} name_text;

static name_text name_of(const char *argument)
{
    name_text name;
    size_t length = strcspn(argument, "=");
    if (length >= sizeof name.text) {
        length = sizeof name.text - 1;
    }
    memcpy(name.text, argument, length);
    name.text[length] = 0;
    return name;
}

static const option *find_option(const option *table, const char *name)
{
    for (; table->name != NULL; table++) {
        if (strcmp(table->name, name) == 0) {
            return table;
        }
    }
    for (size_t i = 0; i < COMMON_OPTIONS; i++) {
        if (strcmp(name, common_options[i]->name) == 0) {
            return common_options[i];
        }
    }
    return NULL;
}

static const option *find_letter(const option *table, char letter)
{
    for (; table->name != NULL; table++) {
        if (table->letter == letter) {
            return table;
        }
    }
    for (size_t i = 0; i < COMMON_OPTIONS; i++) {
        if (letter == common_options[i]->letter) {
            return common_options[i];
        }
    }
    return NULL;
}

static int complain_unknown(const char *command, const option *table, bool settings,
                            const char *name)
{
    const char *names[256];
    size_t count = 0;
    for (; count < COMMON_OPTIONS; count++) {
        names[count] = common_options[count]->name;
    }
    for (; table->name != NULL; table++) {
        names[count++] = table->name;
    }
    for (size_t i = 0; settings && i < nca_setting_count(); i++) {
        names[count++] = nca_setting_at(i)->key;
        names[count++] = nca_setting_at(i)->alias;
    }
    const char *nearest = nca_nearest_name(name, names, count);
    if (nearest == NULL) {
        return complain_usage("unknown option --%s; see `nca %s --help`", name, command);
    }
    char dashed[64];
    snprintf(dashed, sizeof dashed, "%s", nearest);
    for (char *at = dashed; *at != 0; at++) {
        *at = *at == '_' ? '-' : *at;
    }
    return complain_usage("unknown option --%s; did you mean --%s?", name, dashed);
}

/* The state of the iteration over the arguments. */
typedef struct walk {
    option_values *out;
    const char *command;
    const option *table;
    bool settings;
    int count;
    char **arguments;
    int at;
} walk;

static int keep(walk *w, option_given item)
{
    if (w->out->count == MOST_GIVEN) {
        return complain_usage("too many options; at most %d are possible", MOST_GIVEN);
    }
    w->out->help |= item.option == &help_option;
    w->out->given[w->out->count++] = item;
    return EXIT_OK;
}

/* The value that is part of the argument, else the next argument; NULL after a message if there is
 * none. The next option is never used as a value, but a negative number is. */
static const char *take_value(walk *w, const char *dashed, const char *kind, const char *attached)
{
    if (attached != NULL) {
        return attached;
    }
    const char *next = w->at + 1 < w->count ? w->arguments[w->at + 1] : NULL;
    if (next == NULL || strncmp(next, "--", 2) == 0) {
        complain_usage("%s needs a value%s%s%s%s; see `nca %s --help`", dashed,
                       kind != NULL ? ", " : "", kind != NULL ? kind : "",
                       next != NULL ? ", found the option " : "", next != NULL ? next : "",
                       w->command);
        return NULL;
    }
    w->at++;
    return next;
}

static int read_long(walk *w, const char *argument)
{
    name_text name = name_of(argument);
    const char *equals = strchr(argument, '=');
    const char *attached = equals != NULL ? equals + 1 : NULL;
    const option *known = find_option(w->table, name.text);
    if (known != NULL && known->value == NULL) {
        if (attached != NULL) {
            return complain_usage("--%s takes no value", name.text);
        }
        return keep(w, (option_given){.option = known, .value = ""});
    }
    if (known != NULL && known->value[0] == '[' && attached == NULL) {
        return keep(w, (option_given){.option = known, .value = ""});
    }
    const nca_setting *setting = NULL;
    if (known == NULL && w->settings) {
        setting = nca_setting_named(name.text);
        if (setting == NULL && strncmp(name.text, "no-", 3) == 0 && attached == NULL) {
            setting = nca_setting_named(name.text + 3);
            if (setting != NULL && setting->type == NCA_SETTING_BOOL) {
                return keep(w, (option_given){.setting = setting, .value = "false"});
            }
            setting = NULL;
        }
    }
    if (known == NULL && setting == NULL) {
        return complain_unknown(w->command, w->table, w->settings, name.text);
    }
    if (setting != NULL && setting->type == NCA_SETTING_BOOL && attached == NULL) {
        return keep(w, (option_given){.setting = setting, .value = "true"});
    }
    char dashed[sizeof name.text + 2];
    snprintf(dashed, sizeof dashed, "--%s", name.text);
    const char *value = take_value(w, dashed, known != NULL ? known->value : NULL, attached);
    return value == NULL
               ? EXIT_USAGE
               : keep(w, (option_given){.option = known, .setting = setting, .value = value});
}

/* "-o FILE" and "-oFILE"; letters cannot be combined. */
static int read_letter(walk *w, const char *argument)
{
    const option *known = find_letter(w->table, argument[1]);
    if (known == NULL) {
        return complain_usage("unknown option -%c; see `nca %s --help`", argument[1], w->command);
    }
    if (known->value == NULL) {
        if (argument[2] != 0) {
            return complain_usage("-%c takes no value", argument[1]);
        }
        return keep(w, (option_given){.option = known, .value = ""});
    }
    const char dashed[] = {'-', argument[1], 0};
    const char *value = take_value(w, dashed, known->value, argument[2] != 0 ? argument + 2 : NULL);
    return value == NULL ? EXIT_USAGE : keep(w, (option_given){.option = known, .value = value});
}

/* An optional value must be given after '=', and an image after --target. */
static int complain_unexpected(const option_values *given, const char *command, const option *table,
                               const char *argument)
{
    const option_given *last = given->count > 0 ? &given->given[given->count - 1] : NULL;
    const bool optional = last != NULL && last->option != NULL && last->option->value != NULL &&
                          last->option->value[0] == '[' && last->value[0] == 0;
    if (optional) {
        return complain_usage("unexpected argument \"%s\"; write --%s=%s if it is the value",
                              argument, last->option->name, argument);
    }
    if (find_option(table, "target") != NULL) {
        return complain_usage("unexpected argument \"%s\"; write --target %s if it is the image; "
                              "see `nca %s --help`",
                              argument, argument, command);
    }
    return complain_usage("unexpected argument \"%s\"; see `nca %s --help`", argument, command);
}

int options_parse(option_values *out, const char *command, const option *table, bool settings,
                  size_t most_positionals, int count, char **arguments)
{
    memset(out, 0, sizeof *out);
    walk w = {out, command, table, settings, count, arguments, 0};
    bool only_positionals = false;
    for (; w.at < count; w.at++) {
        const char *argument = arguments[w.at];
        int code = EXIT_OK;
        if (!only_positionals && strcmp(argument, "--") == 0) {
            only_positionals = true;
        } else if (!only_positionals && strncmp(argument, "--", 2) == 0) {
            code = read_long(&w, argument + 2);
        } else if (!only_positionals && argument[0] == '-' && argument[1] != 0) {
            code = read_letter(&w, argument);
        } else if (out->positional_count < most_positionals) {
            out->positionals[out->positional_count++] = argument;
        } else {
            code = complain_unexpected(out, command, table, argument);
        }
        if (code != EXIT_OK) {
            return code;
        }
    }
    return EXIT_OK;
}

/* ---- Queries --------------------------------------------------------------------------------- */

static bool is_named(const option_given *item, const char *name)
{
    return item->option != NULL && strcmp(item->option->name, name) == 0;
}

const char *options_value(const option_values *from, const char *name)
{
    const size_t times = options_times(from, name);
    return times > 0 ? options_value_at(from, name, times - 1) : NULL;
}

size_t options_times(const option_values *from, const char *name)
{
    size_t times = 0;
    for (size_t i = 0; i < from->count; i++) {
        times += is_named(&from->given[i], name);
    }
    return times;
}

const char *options_value_at(const option_values *from, const char *name, size_t index)
{
    for (size_t i = 0; i < from->count; i++) {
        if (is_named(&from->given[i], name) && index-- == 0) {
            return from->given[i].value;
        }
    }
    return NULL;
}

bool options_has(const option_values *from, const char *name)
{
    return options_value(from, name) != NULL;
}

bool options_has_setting(const option_values *from, const char *key)
{
    const nca_setting *setting = nca_setting_named(key);
    for (size_t i = 0; i < from->count; i++) {
        if (setting != NULL && from->given[i].setting == setting) {
            return true;
        }
    }
    return false;
}

/* --target, which some commands define themselves for its letter, is also a setting. */
static const nca_setting *setting_of(const option_given *item)
{
    bool target = item->option != NULL && strcmp(item->option->name, "target") == 0;
    return target ? nca_setting_named("target_path") : item->setting;
}

int options_apply(nca_settings *settings, const option_values *from)
{
    for (unsigned pass = 0; pass < NCA_SETTING_PASSES; pass++) {
        for (size_t i = 0; i < from->count; i++) {
            const nca_setting *setting = setting_of(&from->given[i]);
            if (setting == NULL || nca_setting_pass(setting) != pass) {
                continue;
            }
            nca_error error;
            if (nca_settings_set(settings, setting->key, from->given[i].value, &error) != NCA_OK) {
                return complain(&error);
            }
        }
    }
    if (options_has_setting(from, "damage") && !options_has_setting(from, "experiment") &&
        !options_has(from, "resume") && settings->damage > 0 && settings->task == NCA_TASK_GROW &&
        settings->experiment == NCA_EXPERIMENT_PERSISTENT) {
        /* As in files: damage implies the experiment that has it, unless the experiment is
         * growing. */
        settings->experiment = NCA_EXPERIMENT_REGENERATING;
    }
    return EXIT_OK;
}
