/* Finds and reads images for nca predict. */
#include "cli/model/predict_images.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/data/data_source.h"
#include "cli/data_root.h"
#include "cli/option_values.h"

enum {
    DEEPEST = 32 /* folders in folders: symbolic links may form a loop */
};

static const char scheme[] = "medmnist:";

void image_list_clear(image_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].name);
    }
    for (size_t i = 0; i < list->archive_count; i++) {
        nca_medmnist_close(list->archives[i].file);
        free(list->archives[i].path);
    }
    free(list->items);
    free(list->archives);
    *list = (image_list){0};
}

static int complain_memory(const char *what)
{
    note("%s: out of memory for the list of images", what);
    return EXIT_FAILED;
}

static int append(image_list *list, image_item item)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity > 0 ? 2 * list->capacity : 64;
        image_item *larger = realloc(list->items, capacity * sizeof *larger);
        if (larger == NULL) {
            return complain_memory(item.name);
        }
        list->items = larger;
        list->capacity = capacity;
    }
    item.name = strdup(item.name);
    if (item.name == NULL) {
        return complain_memory("images");
    }
    list->items[list->count++] = item;
    return EXIT_OK;
}

/* ---- Folders ---------------------------------------------------------------------------------*/

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Other files in a folder are tables, notes and what file managers leave behind. */
static bool is_image_name(const char *name)
{
    static const char *const endings[] = {"png", "jpg", "jpeg", "tif", "tiff", "webp", "npy"};
    const char *dot = strrchr(name, '.');
    bool found = false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings && dot != NULL; i++) {
        found = found || strcasecmp(dot + 1, endings[i]) == 0;
    }
    return found;
}

static int add_folder(image_list *list, const char *folder, int depth)
{
    struct dirent **entries = NULL;
    if (depth > DEEPEST) {
        return complain_usage("%s: more than %d folders inside each other", folder, DEEPEST);
    }
    const int found = scandir(folder, &entries, is_visible, versionsort);
    int code = EXIT_OK;
    if (found < 0) {
        note("%s: the folder cannot be read", folder);
        return EXIT_FAILED;
    }
    for (int i = 0; i < found; i++) {
        nca_run_path path;
        nca_run_file(&path, folder, entries[i]->d_name);
        if (code == EXIT_OK && nca_folder_exists(path.text)) {
            code = add_folder(list, path.text, depth + 1);
        } else if (code == EXIT_OK && is_image_name(entries[i]->d_name)) {
            code = append(list, (image_item){.name = path.text, .archive = NO_ARCHIVE});
        }
        free(entries[i]);
    }
    free((void *)entries);
    return code;
}

/* ---- Archives --------------------------------------------------------------------------------*/

/* The parts of "SET/SPLIT[/INDEX]" after the scheme. */
typedef struct archive_name {
    char set[NCA_RUN_PATH_SIZE];
    nca_split split;
    bool has_index;
    uint64_t index;
} archive_name;

/* Cuts off what follows the last '/'. Returns it, or NULL. */
static char *take_last(char *text)
{
    char *slash = strrchr(text, '/');
    if (slash == NULL) {
        return NULL;
    }
    *slash = 0;
    return slash + 1;
}

static int parse_archive(archive_name *out, const char *argument)
{
    *out = (archive_name){.split = NCA_SPLIT_COUNT};
    snprintf(out->set, sizeof out->set, "%s", argument + strlen(scheme));
    char *part = take_last(out->set);
    if (part != NULL) {
        const char *end = parse_digits(&out->index, part);
        out->has_index = end != NULL && *end == 0;
        part = out->has_index ? take_last(out->set) : part;
    }
    for (int i = 0; part != NULL && i < NCA_SPLIT_COUNT; i++) {
        if (strcmp(part, nca_split_name((nca_split)i)) == 0) {
            out->split = (nca_split)i;
        }
    }
    return out->split < NCA_SPLIT_COUNT && out->set[0] != 0
               ? EXIT_OK
               : complain_usage("%s: expected medmnist:SET/SPLIT or medmnist:SET/SPLIT/INDEX, such "
                                "as medmnist:breastmnist/test",
                                argument);
}

static bool is_archive_path(const char *set)
{
    const size_t length = strlen(set);
    return length > 4 && strcasecmp(set + length - 4, ".npz") == 0;
}

/* The file of "breastmnist" or "breastmnist_64" in `root`, or the path itself. */
static int find_archive(nca_run_path *out, const char *set, const char *root)
{
    char name[NCA_RUN_PATH_SIZE];
    nca_error error;
    snprintf(name, sizeof name, "%s", set);
    if (is_archive_path(set)) {
        snprintf(out->text, sizeof out->text, "%s", set);
        return EXIT_OK;
    }
    const uint32_t size = nca_medmnist_take_size(name);
    const nca_medmnist_set *found = data_set_named(name);
    if (found == NULL) {
        return EXIT_USAGE;
    }
    const nca_run_path folder = data_root(root);
    if (folder.text[0] == 0) {
        return complain_usage("%s: there is no home folder to look for its file in; give a folder "
                              "with --root",
                              set);
    }
    if (nca_medmnist_path(out->text, sizeof out->text, folder.text, found, size, &error) !=
        NCA_OK) {
        return complain(&error);
    }
    if (access(out->text, F_OK) != 0) {
        note("%s: %s not found; give the folder of the MedMNIST files with --root, or download the "
             "set with: nca data get %s",
             set, out->text, found->name);
        return EXIT_FAILED;
    }
    return EXIT_OK;
}

static int check_archive(const image_list *list, const nca_medmnist_info *info,
                         const archive_name *name, const char *argument)
{
    const size_t channels = info->depth > 1 ? 3 : info->channels == 4 ? 3 : info->channels;
    if (!info->present[name->split] || info->count[name->split] == 0) {
        return complain_usage("%s: the file has no images of %s", argument,
                              nca_split_name(name->split));
    }
    if (name->has_index && name->index >= info->count[name->split]) {
        return complain_usage("%s: expected an index from 0 to %zu, found %llu", argument,
                              info->count[name->split] - 1, (unsigned long long)name->index);
    }
    if (channels > list->channels) {
        return complain_usage("%s: expected images with 1 channel (grey), as the model was trained "
                              "on, found %zu channels",
                              argument, channels);
    }
    if (info->depth > 1 && (info->depth != info->height || info->height != info->width)) {
        return complain_usage("%s: expected volumes with three equal sides, found %zu x %zu x %zu",
                              argument, info->depth, info->height, info->width);
    }
    return EXIT_OK;
}

/* The place of an archive in the list, which it is added to unless it is open already: a command
 * can name more images of an archive than files may be open. */
static int open_once(size_t *out, image_list *list, const char *path)
{
    size_t place = 0;
    nca_error error;
    while (place < list->archive_count && strcmp(list->archives[place].path, path) != 0) {
        place++;
    }
    *out = place;
    if (place < list->archive_count) {
        return EXIT_OK;
    }
    open_archive *more = realloc(list->archives, (place + 1) * sizeof *more);
    if (more == NULL) {
        return complain_memory(path);
    }
    list->archives = more;
    more[place] = (open_archive){.path = strdup(path)};
    if (more[place].path == NULL) {
        return complain_memory(path);
    }
    if (nca_medmnist_open(&more[place].file, path, &error) != NCA_OK) {
        free(more[place].path);
        complain(&error);
        return EXIT_FAILED;
    }
    list->archive_count++;
    const char *notice = nca_medmnist_about(more[place].file)->notice;
    if (notice != NULL) {
        note("%s: %s", path, notice);
    }
    return EXIT_OK;
}

static int add_archive(image_list *list, const char *argument, const char *root)
{
    archive_name name;
    nca_run_path path;
    size_t place;
    int code = parse_archive(&name, argument);
    if (code == EXIT_OK) {
        code = find_archive(&path, name.set, root);
    }
    if (code == EXIT_OK) {
        code = open_once(&place, list, path.text);
    }
    if (code != EXIT_OK) {
        return code;
    }
    const nca_medmnist_info *info = nca_medmnist_about(list->archives[place].file);
    code = check_archive(list, info, &name, argument);
    const size_t first = name.has_index ? (size_t)name.index : 0;
    const size_t count = name.has_index ? 1 : code == EXIT_OK ? info->count[name.split] : 0;
    for (size_t i = first; i < first + count && code == EXIT_OK; i++) {
        char text[NCA_RUN_PATH_SIZE + 64];
        snprintf(text, sizeof text, "%s%s/%s/%zu", scheme, name.set, nca_split_name(name.split), i);
        code = append(
            list, (image_item){.name = text, .archive = place, .split = name.split, .index = i});
    }
    return code;
}

int image_list_add(image_list *list, const char *argument, const char *root)
{
    if (strncasecmp(argument, scheme, strlen(scheme)) == 0) {
        return add_archive(list, argument, root);
    }
    if (is_archive_path(argument)) {
        return complain_usage("%s: an archive has several images; name a split, such as "
                              "medmnist:%s/test",
                              argument, argument);
    }
    if (!nca_folder_exists(argument)) {
        return append(list,
                      (image_item){.name = (char *)(uintptr_t)argument, .archive = NO_ARCHIVE});
    }
    const size_t before = list->count;
    const int code = add_folder(list, argument, 0);
    if (code == EXIT_OK && list->count == before) {
        return complain_usage("%s: the folder contains no images", argument);
    }
    return code;
}

/* ---- Reading ---------------------------------------------------------------------------------*/

static void count_changes(image_tally *tally, const nca_image *image, size_t channels,
                          size_t height, size_t width)
{
    bool transparent = false, coloured = false;
    for (size_t i = 0; i < image->width * image->height; i++) {
        const uint8_t *pixel = image->pixels + 4 * i;
        transparent = transparent || pixel[3] != 255;
        coloured = coloured || pixel[0] != pixel[1] || pixel[0] != pixel[2];
    }
    tally->transparent += transparent;
    tally->stretched += image->width * height != image->height * width;
    tally->grey += channels == 3 && !coloured;
}

/* One picture: out (height,width,channels). */
static nca_status convert(uint8_t **out, size_t *out_height, size_t *out_width, image_list *list,
                          const nca_image *image, nca_error *error)
{
    const size_t height = list->height > 0 ? list->height : image->height;
    const size_t width = list->width > 0 ? list->width : image->width;
    uint8_t *pixels = malloc(height * width * list->channels);
    if (pixels == NULL) {
        snprintf(error->message, sizeof error->message, "out of memory for an image");
        return error->status = NCA_OUT_OF_MEMORY;
    }
    const nca_status status =
        nca_labelled_pixels(pixels, image, list->channels, height, width, error);
    if (status != NCA_OK) {
        free(pixels);
        return status;
    }
    count_changes(&list->tally, image, list->channels, height, width);
    *out = pixels;
    *out_height = height;
    *out_width = width;
    return NCA_OK;
}

/* The middle slices of a volume along z, y and x as three channels of one picture. */
static nca_status draw_slices(nca_image *out, const nca_medmnist_info *info, const uint8_t *values,
                              nca_error *error)
{
    nca_status status = NCA_OK;
    for (int axis = 0; axis < NCA_AXIS_COUNT && status == NCA_OK; axis++) {
        nca_image *slice = NULL;
        const size_t middle = nca_medmnist_slices(info, (nca_axis)axis) / 2;
        status = nca_medmnist_draw(&slice, info, values, (nca_axis)axis, middle, NCA_COLORMAP_GREY,
                                   error);
        for (size_t i = 0; i < out->width * out->height && status == NCA_OK; i++) {
            out->pixels[4 * i + (size_t)axis] = slice->pixels[4 * i];
            out->pixels[4 * i + 3] = 255;
        }
        nca_image_destroy(slice);
    }
    return status;
}

static nca_status read_entry(nca_image **out, const image_list *list, const image_item *item,
                             nca_error *error)
{
    nca_medmnist *archive = list->archives[item->archive].file;
    const nca_medmnist_info *info = nca_medmnist_about(archive);
    if (info->depth == 1) {
        return nca_medmnist_picture(out, archive, item->split, item->index, NCA_AXIS_Z, 0,
                                    NCA_COLORMAP_GREY, error);
    }
    uint8_t *values = malloc(nca_medmnist_image_bytes(info));
    nca_image *image = NULL;
    nca_status status = nca_image_create(&image, info->width, info->height, error);
    if (status == NCA_OK && values == NULL) {
        snprintf(error->message, sizeof error->message, "%s: out of memory for an image",
                 item->name);
        status = error->status = NCA_OUT_OF_MEMORY;
    }
    if (status == NCA_OK) {
        status = nca_medmnist_read(values, archive, item->split, item->index, 1, error);
    }
    if (status == NCA_OK) {
        status = draw_slices(image, info, values, error);
    }
    free(values);
    if (status != NCA_OK) {
        nca_image_destroy(image);
        return status;
    }
    *out = image;
    return NCA_OK;
}

nca_status image_list_read(uint8_t **out, size_t *out_height, size_t *out_width, image_list *list,
                           size_t index, nca_error *error)
{
    const image_item *item = &list->items[index];
    nca_image *image = NULL;
    nca_error why;
    nca_status status = item->archive == NO_ARCHIVE ? nca_image_load(&image, item->name, error)
                                                    : read_entry(&image, list, item, error);
    if (status != NCA_OK) {
        return status;
    }
    status = convert(out, out_height, out_width, list, image, &why);
    nca_image_destroy(image);
    if (status != NCA_OK) {
        snprintf(error->message, sizeof error->message, "%.500s: %.500s", item->name, why.message);
        error->status = status;
    }
    return status;
}

/* ---- Labels ----------------------------------------------------------------------------------*/

/* Whether the names of the classes of a set are those of the model. */
static bool same_classes(const nca_medmnist_set *set, const nca_classifier *c)
{
    bool same = set->classes == c->classes;
    for (size_t k = 0; same && k < c->classes; k++) {
        same = strncmp(set->labels[k], c->class_names[k], NCA_CLASS_NAME - 1) == 0;
    }
    return same;
}

bool image_list_labels(uint8_t out[NCA_MAX_CLASSES], const image_list *list, size_t index,
                       const nca_classifier *c)
{
    const image_item *item = &list->items[index];
    if (item->archive == NO_ARCHIVE) {
        return false;
    }
    nca_medmnist *archive = list->archives[item->archive].file;
    const nca_medmnist_info *info = nca_medmnist_about(archive);
    const bool several = c->kind == NCA_LABELS_MULTI_LABEL;
    int64_t values[NCA_MAX_CLASSES];
    nca_error error;
    if ((info->set != NULL && !same_classes(info->set, c)) || !info->labelled[item->split] ||
        info->labels != (several ? c->classes : 1) ||
        nca_medmnist_labels(values, archive, item->split, item->index, 1, &error) != NCA_OK) {
        return false;
    }
    for (size_t k = 0; k < info->labels; k++) {
        if (values[k] < 0 || values[k] >= (several ? 2 : (int64_t)c->classes)) {
            return false;
        }
        out[k] = (uint8_t)values[k];
    }
    return true;
}
