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

/* Values of options. Each function returns false after a message that names the option and the
 * valid values; without the option *out is unchanged. */
bool options_count(size_t *out, const option_values *from, const char *name, size_t least,
                   size_t most);
bool options_u64(uint64_t *out, const option_values *from, const char *name);
bool options_number(double *out, const option_values *from, const char *name, double least,
                    double most);

/* Ascending numbers of steps, "0,20,40"; `out` has room for `most` of them and is undefined after a
 * failure. */
bool options_steps(size_t *out, size_t *out_count, size_t most, const option_values *from,
                   const char *name);
/* Option --size: "HxW", or one number for a square. */
bool options_size(size_t *out_height, size_t *out_width, const option_values *from);
/* Option --kernels; for "auto" *out is unchanged. */
bool options_kernels(const nca_kernels **out, const option_values *from);
#define KERNELS_OPTION                                                                 \
    {                                                                                  \
        "kernels", 0, "NAME", "Kernel set: auto, scalar, avx2, avx512 or neon. [auto]" \
    }
#define THREADS_OPTION                                                \
    {                                                                 \
        "threads", 0, "N", "Number of threads; 0 = one per core. [0]" \
    }
/* The option of a command that runs a model forward; options_precision reads it. */
#define PRECISION_OPTION                                                                         \
    {                                                                                            \
        "precision", 0, "NAME",                                                                  \
            "fp32, or int8: dense layers with int8 weights; faster if the CPU has AVX512-VNNI, " \
            "and less exact. [fp32]"                                                             \
    }
/* Options that several commands have. */
#define MEDMNIST_ROOT_OPTION                                              \
    {                                                                     \
        "root", 0, "DIR", "Folder with the MedMNIST files. [~/.medmnist]" \
    }
#define GRID_SIZE_OPTION                                                                       \
    {                                                                                          \
        "size", 0, "HxW", "Grid size in cells; one number for a square grid. [from the model]" \
    }
#define JSON_OPTION                                                  \
    {                                                                \
        "json", 0, NULL, "Print one JSON object instead of a table." \
    }
/* The option of a command that shows progress. Every command accepts it, whether or not its table
 * contains it. */
#define QUIET_OPTION                                \
    {                                               \
        "quiet", 'q', NULL, "Do not show progress." \
    }
/* Option --precision; without it *out is unchanged. */
bool options_precision(nca_precision *out, const option_values *from);

/* A decimal integer without a sign; returns a pointer to the character after it, or NULL. */
const char *parse_digits(uint64_t *out, const char *text);

#endif
