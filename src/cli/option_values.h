/* Values of options, and the options that several commands have. */
#ifndef NCA_CLI_OPTION_VALUES_H
#define NCA_CLI_OPTION_VALUES_H

#include "cli/option_values.h"
#include "cli/options.h"

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
/* Whether the FILE of an option, if it was given and is not "-", has an existing folder. */
bool options_place(const option_values *from, const char *name);
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
#define DEVICE_OPTION                                                                           \
    {                                                                                           \
        "device", 0, "NAME",                                                                    \
            "cpu; gpu, a graphics processor with an OpenCL driver; gpu:N, number N of them; "   \
            "auto, "                                                                            \
            "one if there is one; opencl, any OpenCL device. Without such a device the CPU is " \
            "used, "                                                                            \
            "with gpu! an error is reported. All give the same bits. [cpu]"                     \
    }
/* Option --device; without it *out is unchanged. Says what is used, which also depends on the
 * precision. */
bool options_device(nca_device *out, const option_values *from, nca_precision precision);
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
