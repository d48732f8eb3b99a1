/* The option parser of all commands: long options with "--key value" and "--key=value", single
 * letters, "--no-key" for boolean settings. */
#ifndef NCA_CLI_OPTIONS_H
#define NCA_CLI_OPTIONS_H

#include "cli/cli.h"

/* A row of a command's table; the table ends with a row without a name. */
typedef struct option {
    const char *name;  /* without the dashes */
    char letter;       /* short form, or 0 */
    const char *value; /* placeholder of its value in help; NULL: the option takes no value;
                          "[=...]": the value is optional and is given after '=' */
    const char *help;  /* help text, which is wrapped automatically */
} option;

typedef struct option_given {
    const option *option;       /* an option of the command, or NULL for */
    const nca_setting *setting; /* a setting */
    const char *value;
} option_given;

enum {
    MOST_GIVEN = 256,
    MOST_POSITIONALS = 1024
};

typedef struct option_values {
    option_given given[MOST_GIVEN];
    size_t count;
    const char *positionals[MOST_POSITIONALS];
    size_t positional_count;
    bool help; /* whether --help or -h was given */
} option_values;

/* Returns EXIT_OK, or EXIT_USAGE after a message. With `settings`, every setting of the library is
 * also an option. Messages refer to `nca <command> --help`. */
int options_parse(option_values *out, const char *command, const option *table, bool settings,
                  size_t most_positionals, int count, char **arguments);

/* The last value given for an option, or NULL; "" for an option without a value. */
const char *options_value(const option_values *from, const char *name);
bool options_has(const option_values *from, const char *name);
/* The number of times an option was given, and the value of the index-th time. */
size_t options_times(const option_values *from, const char *name);
const char *options_value_at(const option_values *from, const char *name, size_t index);
bool options_has_setting(const option_values *from, const char *key);

/* Applies the given settings: the recipe first, then the target, then the others in their order.
 * Returns EXIT_OK, or EXIT_USAGE after a message. */
int options_apply(nca_settings *settings, const option_values *from);

#endif
