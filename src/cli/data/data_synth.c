/* nca data synth: writes a file in the format of a set, with synthetic images. */
#include <stdio.h>
#include <string.h>

#include "cli/data/data_commands.h"
#include "cli/data/data_options.h"
#include "cli/data/data_source.h"
#include "cli/help.h"
#include "cli/option_values.h"

static const option table[] = {
    {"output", 'o', "FILE", "The .npz file to write. [the name of the set, in the current folder]"},
    {"size", 0, "N", "Image size in pixels: 28, 64, 128 or 224; volumes: 28 or 64. [28]"},
    {"count", 0, "N[,N,N]",
     "Number of images in train, val and test; a single number is for train, and val and test get "
     "a quarter of it each. [64,16,16]"},
    {"seed", 0, "N", "Random seed; the same seed gives the same bytes. [0]"},
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page data_synth_help = {
    .usage = "nca data synth SET [-o FILE] [--size N] [--count N[,N,N]] [--seed N]",
    .purpose =
        "Writes a small file in the format of a set with synthetic images, for tests and\n"
        "demonstrations without a download. The classes differ from each other. No image comes\n"
        "from a patient, and nothing can be learned about the real set.",
    .table = table,
    .examples = "  nca data synth bloodmnist -o blood.npz\n"
                "  nca data synth organmnist3d -o organs.npz --count 20,4,4\n",
};

enum {
    MOST_IMAGES = 1 << 24
};

static bool read_counts(uint32_t *counts, const option_values *given)
{
    const char *text = options_value(given, "count");
    if (text == NULL) {
        return true;
    }
    uint64_t values[NCA_SPLIT_COUNT];
    size_t count = 0;
    for (const char *at = text; count < NCA_SPLIT_COUNT; at++) {
        at = parse_digits(&values[count], at);
        if (at == NULL || values[count] > MOST_IMAGES || (*at != ',' && *at != 0)) {
            count = 0;
            break;
        }
        count++;
        if (*at == 0) {
            break;
        }
        count = count == NCA_SPLIT_COUNT ? 0 : count;
        if (count == 0) {
            break;
        }
    }
    if (count != 1 && count != NCA_SPLIT_COUNT) {
        complain_usage("--count: expected one number or three, each at most %d, found \"%s\"",
                       MOST_IMAGES, text);
        return false;
    }
    for (size_t i = 0; i < NCA_SPLIT_COUNT; i++) {
        counts[i] = (uint32_t)(count > 1 ? values[i] : i == 0 ? values[0] : (values[0] + 3) / 4);
    }
    return true;
}

static int synthesise(const option_values *given)
{
    nca_error error;
    nca_synthetic_options options;
    nca_synthetic_options_default(&options);
    size_t size = options.size;
    options.set = data_set_named(given->positionals[0]);
    if (options.set == NULL || !read_counts(options.count, given) ||
        !options_u64(&options.seed, given, "seed") ||
        !options_count(&size, given, "size", 1, NCA_IMAGE_MAX_SIDE)) {
        return EXIT_USAGE;
    }
    options.size = (uint32_t)size;
    nca_run_path path;
    const char *output = options_value(given, "output");
    if (output != NULL) {
        snprintf(path.text, sizeof path.text, "%s", output);
    } else if (nca_medmnist_path(path.text, sizeof path.text, ".", options.set, options.size,
                                 &error) != NCA_OK) {
        return complain(&error);
    }
    if (nca_medmnist_synthesise(path.text, &options, &error) != NCA_OK) {
        return complain(&error);
    }
    printf("%s\n", shown(path.text));
    return EXIT_OK;
}

int data_synth(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "data synth", &data_synth_help, 1, "a set", count,
                       arguments)) {
        return code;
    }
    return synthesise(&given);
}
