/* nca data montage: random images of a set as one contact sheet. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/data/data_commands.h"
#include "cli/data/data_describe.h"
#include "cli/data/data_options.h"
#include "cli/data/data_source.h"
#include "cli/help.h"
#include "cli/option_values.h"
#include "cli/progress.h"
#include "cli/stop.h"

static const option table[] = {
    {"output", 'o', "FILE",
     "File to write: a .png, or for volumes a .gif animation of the slices. [SET_SPLIT_montage.png "
     "or .gif in the current folder]"},
    DATA_SPLIT_OPTION,
    {"rows", 0, "N", "Number of rows. [20, or fewer if there are fewer images]"},
    {"cols", 0, "N", "Number of columns. [20, or fewer to make a square of few images]"},
    {"class", 0, "NAME", "Use only images of this class, given by name or number. [all]"},
    {"seed", 0, "N", "Random seed for the choice of images. [0]"},
    {"scale", 0, "N", "Scale: each pixel becomes N x N pixels. [1]"},
    DATA_COLOUR_OPTIONS,
    {"slice", 0, "N", "For volumes: draw only this slice, as a .png. [all, animated]"},
    DATA_SOURCE_OPTIONS,
    QUIET_OPTION,
    {NULL, 0, NULL, NULL},
};

const help_page data_montage_help = {
    .usage = "nca data montage SET [--rows N --cols N] [--class NAME] [-o FILE] [OPTIONS]",
    .purpose =
        "Draws random images of a set in a grid without gaps, as the medmnist package for Python\n"
        "does. Volumes give an animation of their slices.",
    .table = table,
    .examples = "  nca data montage breastmnist\n"
                "  nca data montage breastmnist --class malignant --rows 4 --cols 8 --scale 2\n"
                "  nca data montage organmnist3d -o organs.gif\n",
};

enum {
    MOST_SIDE = 1000, /* maximum number of images along a side of the grid */
    LABELS_AT_ONCE = 4096
};

static const double slices_per_second = 5; /* the same as in the Python package */

typedef struct montage {
    nca_medmnist *data;
    const nca_medmnist_info *info;
    nca_split split;
    size_t rows, columns, scale, slice;
    bool one_slice, quiet;
    bool fit_rows, fit_columns; /* the grid may shrink to the number of images */
    nca_axis axis;
    nca_colormap map;
    int64_t class; /* -1: all */
    uint64_t seed;
    const char *path;
    size_t *chosen; /* indices in the order of the grid */
    size_t count;
    uint8_t *values; /* (count, D,H,W,channels) */
    progress progress;
} montage;

static nca_status fail_memory(nca_error *error)
{
    snprintf(error->message, sizeof error->message, "montage: out of memory");
    return error->status = NCA_OUT_OF_MEMORY;
}

/* ---- Options ---------------------------------------------------------------------------------*/

/* A class given by its name or number; without the option *out is unchanged. */
static bool read_class(int64_t *out, const option_values *given, const nca_medmnist_info *info,
                       nca_split split)
{
    const char *text = options_value(given, "class");
    if (text == NULL) {
        return true;
    }
    if (!info->labelled[split]) {
        complain_usage("--class: the file has no labels for the split %s", nca_split_name(split));
        return false;
    }
    size_t classes = info->set != NULL ? info->set->classes : 0;
    const char *names[64];
    for (size_t i = 0; i < classes && i < 64; i++) {
        names[i] = info->set->labels[i];
        if (strcasecmp(names[i], text) == 0) {
            *out = (int64_t)i;
            return true;
        }
    }
    uint64_t number;
    const char *end = parse_digits(&number, text);
    if (end != NULL && *end == 0 && number < (classes > 0 ? classes : INT32_MAX)) {
        *out = (int64_t)number;
        return true;
    }
    const char *nearest = nca_nearest_name(text, names, classes < 64 ? classes : 64);
    if (nearest != NULL) {
        complain_usage("--class: unknown class \"%s\"; did you mean \"%s\"?", text, nearest);
    } else {
        complain_usage("--class: unknown class \"%s\"; `nca data info` lists the classes", text);
    }
    return false;
}

static bool read_options(montage *m, const option_values *given)
{
    *m = (montage){.data = m->data,
                   .info = m->info,
                   .split = NCA_SPLIT_TRAIN,
                   .rows = 20,
                   .columns = 20,
                   .scale = 1,
                   .axis = NCA_AXIS_Z,
                   .map = NCA_COLORMAP_GREY,
                   .class = -1,
                   .quiet = options_has(given, "quiet"),
                   .fit_rows = !options_has(given, "rows"),
                   .fit_columns = !options_has(given, "rows") && !options_has(given, "cols"),
                   .one_slice = m->info->depth == 1 || options_has(given, "slice")};
    if (!read_present_split(&m->split, given, m->info) || !read_axis(&m->axis, given) ||
        !read_colormap(&m->map, given) || !options_count(&m->rows, given, "rows", 1, MOST_SIDE) ||
        !options_count(&m->columns, given, "cols", 1, MOST_SIDE) ||
        !options_count(&m->scale, given, "scale", 1, 64) || !options_u64(&m->seed, given, "seed") ||
        !read_class(&m->class, given, m->info, m->split)) {
        return false;
    }
    if (m->info->depth == 1 && (options_has(given, "axis") || options_has(given, "slice"))) {
        complain_usage("--axis and --slice: for volumes only; this set has two-dimensional images");
        return false;
    }
    return options_count(&m->slice, given, "slice", 0, nca_medmnist_slices(m->info, m->axis) - 1);
}

/* "breastmnist_train_montage.png", the name that the package uses, with a lossless format. */
static bool choose_path(montage *m, nca_run_path *out, const option_values *given,
                        const data_source *from)
{
    const char *path = options_value(given, "output"), *ending = m->one_slice ? ".png" : ".gif";
    if (path == NULL) {
        const char *slash = strrchr(from->path.text, '/');
        const char *name = slash != NULL ? slash + 1 : from->path.text, *dot = strrchr(name, '.');
        int length = dot != NULL ? (int)(dot - name) : (int)strlen(name);
        snprintf(out->text, sizeof out->text, "%.*s_%s_montage%s", length, name,
                 nca_split_name(m->split), ending);
    } else {
        snprintf(out->text, sizeof out->text, "%s", path);
    }
    m->path = out->text;
    const char *dot = strrchr(out->text, '.');
    if (dot == NULL || strcasecmp(dot, ending) != 0) {
        complain_usage("-o: expected a file that ends in %s, found \"%s\"", ending, out->text);
        return false;
    }
    return true;
}

/* ---- Selecting images ----------------------------------------------------------------------- */

static bool is_of_class(const montage *m, const int64_t *labels)
{
    return m->class < 0 ||
           (m->info->labels > 1 ? (size_t)m->class < m->info->labels && labels[m->class] != 0
                                : labels[0] == m->class);
}

/* Stores the indices of all images of the class in m->chosen, in ascending order. */
static nca_status find_candidates(montage *m, nca_error *error)
{
    size_t images = m->info->count[m->split], per_image = m->info->labels;
    int64_t *labels = calloc(LABELS_AT_ONCE * per_image + 1, sizeof *labels);
    m->chosen = calloc(images > 0 ? images : 1, sizeof *m->chosen);
    nca_status status = labels == NULL || m->chosen == NULL ? fail_memory(error) : NCA_OK;
    for (size_t first = 0; status == NCA_OK && first < images; first += LABELS_AT_ONCE) {
        size_t part = images - first < LABELS_AT_ONCE ? images - first : LABELS_AT_ONCE;
        if (m->class >= 0) {
            status = nca_medmnist_labels(labels, m->data, m->split, first, part, error);
        }
        for (size_t i = 0; status == NCA_OK && i < part; i++) {
            if (is_of_class(m, labels + i * per_image)) {
                m->chosen[m->count++] = first + i;
            }
        }
    }
    free(labels);
    if (status == NCA_OK && m->count == 0) {
        snprintf(error->message, sizeof error->message,
                 "montage: the split %s has no images of this class", nca_split_name(m->split));
        status = error->status = NCA_INVALID_ARGUMENT;
    }
    return status;
}

/* The first steps of a Fisher-Yates shuffle, one for each place. */
static void shuffle(montage *m)
{
    size_t places = m->rows * m->columns;
    size_t wanted = m->count < places ? m->count : places;
    for (size_t i = 0; i < wanted; i++) {
        uint32_t words[4];
        nca_draw(words, m->seed, NCA_STREAM_SHUFFLE, (uint32_t)i, 0, 1, 0);
        size_t other = i + nca_below(words[0], (uint32_t)(m->count - i));
        size_t kept = m->chosen[i];
        m->chosen[i] = m->chosen[other];
        m->chosen[other] = kept;
    }
    m->count = wanted;
}

/* Rows and columns that were not requested are reduced to what the images fill: a square, then
 * whole rows. */
static void shrink(montage *m)
{
    if (m->fit_columns && m->count < m->rows * m->columns) {
        size_t side = 1;
        while (side * side < m->count) {
            side++;
        }
        m->columns = side < m->columns ? side : m->columns;
    }
    if (m->fit_rows) {
        m->rows = (m->count + m->columns - 1) / m->columns;
    }
}

/* ---- Reading ---------------------------------------------------------------------------------*/

/* The destination of an image. */
typedef struct place {
    size_t index, at;
} place;

static int compare_places(const void *a, const void *b)
{
    size_t x = ((const place *)a)->index, y = ((const place *)b)->index;
    return (x > y) - (x < y);
}

/* Reads the images in one pass over the file. */
static nca_status read_chosen(montage *m, nca_error *error)
{
    size_t bytes = nca_medmnist_image_bytes(m->info);
    place *places = calloc(m->count, sizeof *places);
    m->values = calloc(m->count, bytes);
    nca_status status = places == NULL || m->values == NULL ? fail_memory(error) : NCA_OK;
    for (size_t i = 0; status == NCA_OK && i < m->count; i++) {
        places[i] = (place){m->chosen[i], i};
    }
    if (status == NCA_OK) {
        qsort(places, m->count, sizeof *places, compare_places);
    }
    for (size_t i = 0; status == NCA_OK && i < m->count; i++) {
        status = nca_medmnist_read(m->values + places[i].at * bytes, m->data, m->split,
                                   places[i].index, 1, error);
        progress_share(&m->progress, "reading", 0, (double)(i + 1) / (double)m->count);
    }
    progress_clear(&m->progress);
    free(places);
    return status;
}

/* ---- Drawing ---------------------------------------------------------------------------------*/

static nca_status compose(nca_image **out, const montage *m, size_t slice, nca_error *error)
{
    size_t bytes = nca_medmnist_image_bytes(m->info);
    nca_image *grid = NULL, **pictures = calloc(m->count, sizeof(nca_image *));
    nca_status status = pictures == NULL ? fail_memory(error) : NCA_OK;
    for (size_t i = 0; status == NCA_OK && i < m->count; i++) {
        status = nca_medmnist_draw(&pictures[i], m->info, m->values + i * bytes, m->axis, slice,
                                   m->map, error);
    }
    if (status == NCA_OK) {
        status = nca_picture_montage(&grid, (const nca_image *const *)pictures, m->count, m->rows,
                                     m->columns, error);
    }
    if (status == NCA_OK) {
        status = nca_image_scale_nearest(out, grid, m->scale, error);
    }
    for (size_t i = 0; pictures != NULL && i < m->count; i++) {
        nca_image_destroy(pictures[i]);
    }
    free(pictures);
    nca_image_destroy(grid);
    return status;
}

static nca_status write_still(const montage *m, nca_error *error)
{
    nca_image *grid = NULL;
    nca_status status = compose(&grid, m, m->slice, error);
    if (status == NCA_OK) {
        status = nca_image_save_png(grid, m->path, error);
    }
    nca_image_destroy(grid);
    return status;
}

static nca_status write_animation(const montage *m, nca_error *error)
{
    nca_animation *animation = NULL;
    nca_status status = NCA_OK;
    size_t slices = nca_medmnist_slices(m->info, m->axis);
    for (size_t slice = 0; status == NCA_OK && slice < slices; slice++) {
        nca_image *grid = NULL;
        status = compose(&grid, m, slice, error);
        if (status == NCA_OK && slice == 0) {
            status = nca_animation_open(&animation, m->path, grid->width, grid->height,
                                        slices_per_second, error);
        }
        if (status == NCA_OK) {
            status = nca_animation_add(animation, grid, error);
        }
        nca_image_destroy(grid);
    }
    if (status == NCA_OK) {
        status = nca_animation_commit(animation, error);
    }
    nca_animation_destroy(animation);
    return status;
}

static int draw(montage *m)
{
    nca_error error;
    nca_status status = find_candidates(m, &error);
    if (status == NCA_OK) {
        shuffle(m);
        shrink(m);
        progress_start(&m->progress, m->quiet, 0);
        status = read_chosen(m, &error);
    }
    if (status == NCA_OK) {
        status = m->one_slice ? write_still(m, &error) : write_animation(m, &error);
    }
    free(m->chosen);
    free(m->values);
    if (status != NCA_OK) {
        return complain(&error);
    }
    printf("%s\n", shown(m->path));
    return EXIT_OK;
}

int data_montage(int count, char **arguments)
{
    option_values given;
    int code;
    if (!command_begin(&code, &given, "data montage", &data_montage_help, 1, "a set", count,
                       arguments)) {
        return code;
    }
    data_source from;
    montage m = {.data = NULL};
    nca_run_path path;
    code = data_source_open(&m.data, &from, given.positionals[0], &given);
    if (code == EXIT_OK) {
        nca_medmnist *data = m.data;
        m.info = nca_medmnist_about(data);
        code = read_options(&m, &given) && choose_path(&m, &path, &given, &from) ? draw(&m)
                                                                                 : EXIT_USAGE;
        nca_medmnist_close(data);
    }
    return code;
}
