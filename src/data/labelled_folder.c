/* Folders of images: FOLDER/train/CLASS/IMAGE, with val/ and test/, or FOLDER/CLASS/IMAGE.
 *
 * The folders below a class are refused instead of searched: they may be patients or sessions, and
 * drawing splits from their images would spread a patient over the splits. So no loop of symbolic
 * links can be followed. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/error.h"
#include "data/labelled_list.h"

/* The visible entries of a folder, sorted by name. */
typedef struct listing {
    char *path; /* of the folder, owned */
    struct dirent **entries;
    size_t count;
} listing;

static void clear(listing *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->entries[i]);
    }
    free((void *)list->entries);
    free(list->path);
    *list = (listing){0};
}

/* What file managers and archivers leave behind is no data. */
static int is_visible(const struct dirent *entry)
{
    static const char *const ignored[] = {"Thumbs.db", "ehthumbs.db", "desktop.ini", "__MACOSX"};
    bool visible = entry->d_name[0] != '.';
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) {
        visible = visible && strcasecmp(entry->d_name, ignored[i]) != 0;
    }
    return visible;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return nca__compare_names((*a)->d_name, (*b)->d_name);
}

/* Lists FOLDER/NAME, or FOLDER if the name is "". */
static nca_status list_folder(listing *out, const char *folder, const char *name, nca_error *error)
{
    const size_t size = strlen(folder) + strlen(name) + 2;
    const bool slash = *name != 0 && folder[strlen(folder) - 1] != '/';
    char *path = malloc(size);
    if (path == NULL) {
        return nca__fail_memory(error, folder, size);
    }
    snprintf(path, size, "%s%s%s", folder, slash ? "/" : "", name);
    struct dirent **entries = NULL;
    const int count = scandir(path, &entries, is_visible, by_name);
    if (count < 0) {
        const int code = errno;
        const nca_status status =
            code == ENOMEM ? nca__fail_memory(error, path, sizeof(struct dirent))
                           : nca__fail(error, code == ENOENT ? NCA_NOT_FOUND : NCA_IO,
                                       "%s: the folder cannot be read: %s", path, strerror(code));
        free(path);
        return status;
    }
    *out = (listing){path, entries, (size_t)count};
    return NCA_OK;
}

/* Whether an entry is a folder; symbolic links are followed. */
static bool is_folder(const listing *list, size_t index)
{
    const struct dirent *entry = list->entries[index];
    if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN) {
        return entry->d_type == DT_DIR;
    }
    char path[8192];
    struct stat about;
    const int length = snprintf(path, sizeof path, "%s/%s", list->path, entry->d_name);
    return length > 0 && (size_t)length < sizeof path && stat(path, &about) == 0 &&
           S_ISDIR(about.st_mode);
}

/* ---- A class ---------------------------------------------------------------------------------*/

static nca_status fail_nested(const listing *class, const char *name, nca_error *error)
{
    return nca__fail(error, NCA_INVALID_ARGUMENT,
                     "%s: expected images of one class, found the folder \"%s\"; expected "
                     "FOLDER/CLASS/IMAGE or FOLDER/train/CLASS/IMAGE: move the images up, name "
                     "another folder, or write a table (.csv) of the images",
                     class->path, name);
}

static nca_status read_class(nca__image_list *list, const char *folder, const char *name,
                             nca_split split, nca_error *error)
{
    listing images = {0};
    uint32_t class = 0;
    nca_status status = nca__image_list_class(&class, list, name, folder, error);
    if (status == NCA_OK) {
        status = list_folder(&images, folder, name, error);
    }
    for (size_t i = 0; i < images.count && status == NCA_OK; i++) {
        const char *image = images.entries[i]->d_name;
        status = is_folder(&images, i)
                     ? fail_nested(&images, image, error)
                     : nca__image_list_add(list, images.path, image, class, split, error);
    }
    clear(&images);
    return status;
}

/* ---- A split, or all -------------------------------------------------------------------------*/

static nca_status fail_classes(const listing *folder, nca_error *error)
{
    static const char layouts[] = "expected one folder of images for each class "
                                  "(FOLDER/CLASS/IMAGE, or FOLDER/train/CLASS/IMAGE)";
    if (folder->count == 0) {
        return nca__fail(error, NCA_NOT_FOUND, "%s: %s, found an empty folder", folder->path,
                         layouts);
    }
    return nca__fail(
        error, NCA_NOT_FOUND,
        "%s: %s, found only files, such as %s; move them into folders or write a table "
        "(.csv) of them",
        folder->path, layouts, folder->entries[0]->d_name);
}

/* The class folders of a folder. */
static nca_status read_classes(nca__labelled *data, nca__image_list *list, const listing *folder,
                               nca_split split, nca_error *error)
{
    size_t classes = 0, files = 0;
    const char *first = NULL;
    nca_status status = NCA_OK;
    for (size_t i = 0; i < folder->count && status == NCA_OK; i++) {
        const char *name = folder->entries[i]->d_name;
        if (is_folder(folder, i)) {
            classes++;
            status = read_class(list, folder->path, name, split, error);
        } else if (files++ == 0) {
            first = name;
        }
    }
    if (status == NCA_OK && classes == 0) {
        return fail_classes(folder, error);
    }
    if (status == NCA_OK && files > 0) {
        nca__labelled_notice(
            data, "files of %s that are in no class folder and were ignored: %zu, such as %s",
            folder->path, files, first);
    }
    return status;
}

/* The split whose name an entry has, if it is a folder; otherwise NCA_SPLIT_COUNT. */
static unsigned split_of(const listing *list, size_t index)
{
    unsigned split = 0;
    while (split < NCA_SPLIT_COUNT &&
           strcmp(list->entries[index]->d_name, nca_split_name((nca_split)split)) != 0) {
        split++;
    }
    return split < NCA_SPLIT_COUNT && is_folder(list, index) ? split : NCA_SPLIT_COUNT;
}

static nca_status read_splits(nca__labelled *data, nca__image_list *list, const listing *folder,
                              nca_error *error)
{
    nca_status status = NCA_OK;
    for (size_t i = 0; i < folder->count && status == NCA_OK; i++) {
        const unsigned split = split_of(folder, i);
        if (split < NCA_SPLIT_COUNT) {
            listing classes = {0};
            status = list_folder(&classes, folder->path, folder->entries[i]->d_name, error);
            if (status == NCA_OK) {
                status = read_classes(data, list, &classes, (nca_split)split, error);
            }
            clear(&classes);
        } else if (is_folder(folder, i)) {
            nca__labelled_notice(data,
                                 "the folder %s is ignored, because it is beside those of the "
                                 "splits (train, val, test)",
                                 folder->entries[i]->d_name);
        }
    }
    return status;
}

nca_status nca__labelled_read_folder(nca__labelled *data, const char *path, nca_error *error)
{
    listing folder = {0};
    nca__image_list list = {0};
    nca_status status = list_folder(&folder, path, "", error);
    if (status == NCA_OK) {
        status = nca__image_list_create(&list, error);
    }
    for (size_t i = 0; i < folder.count; i++) {
        list.has_splits = list.has_splits || split_of(&folder, i) < NCA_SPLIT_COUNT;
    }
    if (status == NCA_OK) {
        status = list.has_splits ? read_splits(data, &list, &folder, error)
                                 : read_classes(data, &list, &folder, NCA_SPLIT_TRAIN, error);
    }
    clear(&folder);
    if (status == NCA_OK) {
        status = nca__labelled_read_list(data, &list, error);
    }
    nca__image_list_clear(&list);
    return status;
}
