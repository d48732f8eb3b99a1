/* nca data show: shows one image of a set, and its labels, in the terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/data/data_commands.h"
#include "cli/data/data_describe.h"
#include "cli/data/data_options.h"
#include "cli/data/data_source.h"
#include "cli/help.h"
#include "cli/option_values.h"
#include "cli/terminal.h"
#include "cli/terminal_picture.h"

static const option table[] = {
    DATA_SPLIT_OPTION,
    {"index", 'i', "N", "Index of the image, counted from 0. [0]"},
    DATA_COLOUR_OPTIONS,
    {"slice", 0, "N", "For volumes: index of the slice along the axis. [the middle one]"},
    {"output", 'o', "FILE", "Also write the image to a PNG file."},
    {"scale", 0, "N", "Scale of the PNG file: each pixel becomes N x N pixels. [1]"},
    {"no-colour", 0, NULL, "Draw with characters instead of coloured blocks."},
    DATA_SOURCE_OPTIONS,
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page data_show_help = {
    .usage = "nca data show SET [--split NAME] [--index N] [-o FILE.png] [OPTIONS]",
    .purpose =
        "Shows one image: the names of its labels, its range of values, and the image itself in\n"
        "the terminal. The image is drawn with coloured half blocks, or with characters if the\n"
        "output is not a terminal or NO_COLOR is set.",
    .table = table,
    .examples =
        "  nca data show breastmnist --split train --index 4\n"
        "  nca data show organmnist3d --index 7 --axis y --slice 10\n"
        "  nca data show breastmnist --index 4 --colormap viridis -o lesion.png --scale 8\n",
};

typedef struct choice {
    nca_split split;
    size_t index, slice, scale;
    nca_axis axis;
    nca_colormap map;
} choice;

static bool read_choice(choice *c, const option_values *given, const nca_medmnist_info *info)
{
    *c = (choice){.scale = 1, .axis = NCA_AXIS_Z, .map = NCA_COLORMAP_GREY};
    if (!read_present_split(&c->split, given, info) || !read_axis(&c->axis, given) ||
        !read_colormap(&c->map, given) || !options_count(&c->scale, given, "scale", 1, 64)) {
        return false;
    }
    size_t slices = nca_medmnist_slices(info, c->axis), images = info->count[c->split];
    if (info->depth == 1 && (options_has(given, "axis") || options_has(given, "slice"))) {
        complain_usage("--axis and --slice: for volumes only; this set has two-dimensional images");
        return false;
    }
    if (images == 0) {
        complain_usage("--split: the split %s has no images", nca_split_name(c->split));
        return false;
    }
    const char *path = options_value(given, "output"), *dot = path ? strrchr(path, '.') : NULL;
    if (path != NULL && (dot == NULL || strcasecmp(dot, ".png") != 0)) {
        complain_usage("-o: expected a file that ends in .png, found \"%s\"", path);
        return false;
    }
    c->slice = info->depth > 1 ? slices / 2 : 0;
    return options_count(&c->index, given, "index", 0, images - 1) &&
           options_count(&c->slice, given, "slice", 0, slices - 1);
}

static void print_words(const choice *c, const nca_medmnist_info *info, const int64_t *labels,
                        const uint8_t *values)
{
    char words[DATA_WORDS];
    unsigned darkest = 255, lightest = 0;
    for (size_t i = 0; i < nca_medmnist_image_bytes(info); i++) {
        darkest = values[i] < darkest ? values[i] : darkest;
        lightest = values[i] > lightest ? values[i] : lightest;
    }
    printf("%s, %s, image %zu of %zu", info->set != NULL ? info->set->title : "unknown set",
           nca_split_name(c->split), c->index, info->count[c->split]);
    if (info->depth > 1) {
        printf(", slice %zu along %s", c->slice, nca_axis_name(c->axis));
    }
    if (info->labelled[c->split]) {
        describe_labels(words, info, labels);
    } else {
        snprintf(words, sizeof words, "no labels for the split %s", nca_split_name(c->split));
    }
    printf("\nlabel   %s\nvalues  %u to %u\n", words, darkest, lightest);
}

/* In a terminal with colours, blocks that fit its size; otherwise characters. */
static nca_status draw(const nca_image *picture, const option_values *given, nca_error *error)
{
    const char *no_colour = getenv("NO_COLOR");
    struct winsize size = {.ws_col = 80, .ws_row = 24};
    bool terminal = isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    const char *term = getenv("TERM");
    bool able = terminal && (term == NULL || strcmp(term, "dumb") != 0);
    bool colour = able && terminal_is_unicode() && (no_colour == NULL || *no_colour == 0) &&
                  !options_has(given, "no-colour");
    size_t columns = size.ws_col > 0 ? size.ws_col : 80;
    size_t rows = terminal && size.ws_row > 5 ? size.ws_row - 5u : NCA_IMAGE_MAX_SIDE;
    return terminal_picture(stdout, picture, columns, rows, colour, error);
}

static nca_status save(const nca_image *picture, const char *path, size_t scale, nca_error *error)
{
    nca_image *scaled = NULL;
    nca_status status = nca_image_scale_nearest(&scaled, picture, scale, error);
    if (status == NCA_OK) {
        status = nca_image_save_png(scaled, path, error);
    }
    nca_image_destroy(scaled);
    return status;
}

static nca_status show_image(nca_medmnist *data, const choice *c, const option_values *given,
                             nca_error *error)
{
    const nca_medmnist_info *info = nca_medmnist_about(data);
    const char *path = options_value(given, "output");
    nca_image *picture = NULL;
    int64_t *labels = calloc(info->labels + 1, sizeof *labels);
    uint8_t *values = malloc(nca_medmnist_image_bytes(info));
    if (labels == NULL || values == NULL) {
        free(labels);
        free(values);
        snprintf(error->message, sizeof error->message, "out of memory");
        return error->status = NCA_OUT_OF_MEMORY;
    }
    nca_status status = NCA_OK;
    if (info->labelled[c->split]) {
        status = nca_medmnist_labels(labels, data, c->split, c->index, 1, error);
    }
    if (status == NCA_OK) {
        status = nca_medmnist_read(values, data, c->split, c->index, 1, error);
    }
    if (status == NCA_OK) {
        status = nca_medmnist_draw(&picture, info, values, c->axis, c->slice, c->map, error);
    }
    if (status == NCA_OK && path != NULL) {
        status = save(picture, path, c->scale, error);
    }
    if (status == NCA_OK) {
        print_words(c, info, labels, values);
        status = draw(picture, given, error);
    }
    if (status == NCA_OK && path != NULL) {
        printf("%s\n", shown(path));
    }
    nca_image_destroy(picture);
    free(labels);
    free(values);
    return status;
}

int data_show(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "data show", &data_show_help, 1, "a set", count, arguments)) {
        return code;
    }
    data_source from;
    choice c;
    nca_error error;
    nca_medmnist *data = NULL;
    code = data_source_open(&data, &from, given.positionals[0], &given);
    if (code == EXIT_OK && !read_choice(&c, &given, nca_medmnist_about(data))) {
        code = EXIT_USAGE;
    }
    if (code == EXIT_OK && show_image(data, &c, &given, &error) != NCA_OK) {
        complain(&error);
        code = EXIT_FAILED;
    }
    nca_medmnist_close(data);
    return code;
}
