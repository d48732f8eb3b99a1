/* Images of MedMNIST by name: from "medmnist:SET/SPLIT/INDEX?axis=z&slice=14" to a picture.
 *
 * The name is parsed from its end: the part after the last slash is the index with an optional '?'
 * suffix, the part before it is the split, and the rest is a set or the path of a file, which may
 * contain slashes. */
#include "data/medmnist_target.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/nearest.h"
#include "base/number.h"
#include "data/slice_choice.h"
#include "nca/medmnist.h"

static const char scheme[] = "medmnist:";
static const char form[] = "medmnist:SET/SPLIT/INDEX, such as medmnist:breastmnist/train/3";

typedef struct name {
    char file[NCA__MEDMNIST_PATH]; /* a set, or a path that ends in ".npz" */
    nca_split split;
    size_t index;
    nca__slice_choice choice;
} name;

bool nca__medmnist_is_target(const char *source)
{
    return strncmp(source, scheme, strlen(scheme)) == 0;
}

/* ---- Parsing the name ------------------------------------------------------------------------ */

static bool parse_size(size_t *out, const char *text)
{
    uint64_t value;
    if (!nca__parse_u64(text, &value) || value > SIZE_MAX) {
        return false;
    }
    *out = (size_t)value;
    return true;
}

static nca_status parse_split(nca_split *out, const char *at, size_t length, nca_error *error)
{
    const nca__piece text = nca__piece_of(at, length);
    for (unsigned split = 0; split < NCA_SPLIT_COUNT; split++) {
        if (strcmp(text.text, nca_split_name((nca_split)split)) == 0) {
            *out = (nca_split)split;
            return NCA_OK;
        }
    }
    return nca__fail(error, NCA_INVALID_ARGUMENT,
                     "expected the split train, val or test, found \"%s\"", text.text);
}

static nca_status parse_name(name *out, const char *text, nca_error *error)
{
    const char *last = strrchr(text, '/');
    const char *before = last;
    while (before != NULL && before > text && before[-1] != '/') {
        before--;
    }
    if (last == NULL || before <= text + 1) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "expected %s", form);
    }
    size_t file = (size_t)(before - text) - 1;
    if (file >= sizeof out->file) {
        return nca__fail(error, NCA_LIMIT, "expected a path of at most %zu bytes",
                         sizeof out->file - 1);
    }
    memcpy(out->file, text, file);
    out->file[file] = 0;
    nca_status status = parse_split(&out->split, before, (size_t)(last - before), error);
    if (status != NCA_OK) {
        return status;
    }
    const char *choices = strchr(last, '?');
    const nca__piece index =
        nca__piece_of(last + 1, choices != NULL ? (size_t)(choices - last) - 1 : strlen(last + 1));
    if (!parse_size(&out->index, index.text)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "expected the number of an image, counted from 0, found \"%s\"",
                         index.text);
    }
    return choices != NULL ? nca__slice_choice_parse(&out->choice, choices + 1, error) : NCA_OK;
}

/* ---- Finding the file ------------------------------------------------------------------------*/

static nca_status fail_set(const char *set, nca_error *error)
{
    char typed[64];
    const char *names[32] = {NULL};
    size_t count = nca_medmnist_set_count();
    snprintf(typed, sizeof typed, "%.63s", set);
    for (char *at = typed; *at != 0; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    for (size_t i = 0; i < count && i < sizeof names / sizeof *names; i++) {
        names[i] = nca_medmnist_set_at(i)->name;
    }
    /* A path is not a mistyped set name. */
    const char *nearest = strchr(set, '/') == NULL
                              ? nca__nearest_name(typed, names, sizeof names / sizeof *names)
                              : NULL;
    if (nearest != NULL) {
        return nca__fail(error, NCA_NOT_FOUND, "MedMNIST has no set \"%s\"; did you mean \"%s\"?",
                         typed, nearest);
    }
    return nca__fail(error, NCA_NOT_FOUND,
                     "MedMNIST has no set \"%s\"; `nca data list` lists the sets; the name of a "
                     "file of your own must end in .npz",
                     typed);
}

static nca_status fail_missing(const nca_medmnist_set *set, uint32_t size, const char *root,
                               bool is_named, nca_error *error)
{
    char option[32] = "";
    if (size != 28) {
        snprintf(option, sizeof option, " --size %lu", (unsigned long)size);
    }
    return nca__fail(error, NCA_NOT_FOUND,
                     "no file of %s at %lu pixels in %s; download it with `nca data get %s%s%s%s`, "
                     "or give its folder with --root",
                     set->title, (unsigned long)size, root, set->name, option,
                     is_named ? " --root " : "", is_named ? root : "");
}

nca_status nca__medmnist_find(char out[NCA__MEDMNIST_PATH], char *set_name, const char *root,
                              bool root_is_default, nca_error *error)
{
    if (nca__path_ends_with(set_name, ".npz")) {
        snprintf(out, NCA__MEDMNIST_PATH, "%s", set_name);
        return NCA_OK;
    }
    uint32_t size = nca_medmnist_take_size(set_name);
    const nca_medmnist_set *set = nca_medmnist_set_named(set_name);
    if (set == NULL) {
        return fail_set(set_name, error);
    }
    if (root == NULL || *root == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "the folder of the MedMNIST files is not known; set root (--root DIR), or "
                         "name a file, such as medmnist:FOLDER/%s.npz/train/0",
                         set->name);
    }
    nca_status status = nca_medmnist_path(out, NCA__MEDMNIST_PATH, root, set, size, error);
    if (status == NCA_OK && access(out, F_OK) != 0) {
        return fail_missing(set, size, root, !root_is_default, error);
    }
    return status;
}

/* ---- Reading ---------------------------------------------------------------------------------*/

static nca_status read_picture(nca_image **out_image, nca_medmnist *data, const name *wanted,
                               nca_colormap map, nca_error *error)
{
    const nca_medmnist_info *info = nca_medmnist_about(data);
    const nca__slice_choice *choice = &wanted->choice;
    if (info->depth == 1 && (choice->has_axis || choice->has_slice)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "the images are not volumes; remove the part after the \"?\"");
    }
    size_t slice = choice->has_slice ? choice->slice : nca_medmnist_slices(info, choice->axis) / 2;
    return nca_medmnist_picture(out_image, data, wanted->split, wanted->index, choice->axis, slice,
                                map, error);
}

static nca_status read_named(nca__picture *out, name *wanted, const char *source,
                             const nca_target_options *options, nca_error *error)
{
    char path[NCA__MEDMNIST_PATH];
    nca_medmnist *data = NULL;
    nca_status status = parse_name(wanted, source + strlen(scheme), error);
    if (status == NCA_OK) {
        status =
            nca__medmnist_find(path, wanted->file, options->root, options->root_is_default, error);
    }
    if (status == NCA_OK) {
        status = nca_medmnist_open(&data, path, error);
    }
    if (status == NCA_OK) {
        status = read_picture(&out->image, data, wanted, options->colormap, error);
    }
    if (status == NCA_OK && nca_medmnist_about(data)->notice != NULL) {
        snprintf(out->notice, sizeof out->notice, "%s", nca_medmnist_about(data)->notice);
    }
    nca_medmnist_close(data);
    return status;
}

nca_status nca__medmnist_target(nca__picture *out, const char *source,
                                const nca_target_options *options, nca_error *error)
{
    name *wanted = calloc(1, sizeof *wanted);
    if (wanted == NULL) {
        return nca__fail_memory(error, source, sizeof *wanted);
    }
    nca_status status = read_named(out, wanted, source, options, error);
    free(wanted);
    return status == NCA_OK ? NCA_OK : nca__fail_in(error, status, "%.400s", source);
}
