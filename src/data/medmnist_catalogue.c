/* The catalogue of MedMNIST: queries of its table. */
#include "nca/medmnist_catalogue.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/number.h"

#include "data/medmnist_catalogue.inc"

const char *nca_split_name(nca_split split)
{
    switch (split) {
    case NCA_SPLIT_TRAIN:
        return "train";
    case NCA_SPLIT_VAL:
        return "val";
    case NCA_SPLIT_TEST:
        return "test";
    case NCA_SPLIT_COUNT:
        break;
    }
    return "unknown";
}

size_t nca_medmnist_set_count(void)
{
    return sizeof sets / sizeof *sets;
}

const nca_medmnist_set *nca_medmnist_set_at(size_t index)
{
    return index < nca_medmnist_set_count() ? &sets[index] : NULL;
}

const nca_medmnist_set *nca_medmnist_set_named(const char *name)
{
    for (size_t i = 0; i < nca_medmnist_set_count(); i++) {
        if (strcasecmp(sets[i].name, name) == 0) {
            return &sets[i];
        }
    }
    return NULL;
}

uint32_t nca_medmnist_take_size(char *name)
{
    char *line = strrchr(name, '_');
    uint64_t size;
    if (line == NULL || !nca__parse_u64(line + 1, &size) || size > UINT32_MAX) {
        return 28;
    }
    *line = 0;
    return (uint32_t)size;
}

const nca_medmnist_file *nca_medmnist_set_file(const nca_medmnist_set *set, uint32_t size)
{
    for (uint32_t i = 0; i < set->file_count; i++) {
        if (set->files[i].size == size) {
            return &set->files[i];
        }
    }
    return NULL;
}

const nca_medmnist_set *nca_medmnist_set_with_md5(const nca_medmnist_file **out_file,
                                                  const char *md5)
{
    for (size_t i = 0; i < nca_medmnist_set_count(); i++) {
        for (uint32_t k = 0; k < sets[i].file_count; k++) {
            if (strcasecmp(sets[i].files[k].md5, md5) == 0) {
                if (out_file != NULL) {
                    *out_file = &sets[i].files[k];
                }
                return &sets[i];
            }
        }
    }
    return NULL;
}

static nca_status fail_size(const nca_medmnist_set *set, uint32_t size, nca_error *error)
{
    char known[64] = "";
    for (uint32_t i = 0; i < set->file_count; i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%u",
                 i == 0                     ? ""
                 : i + 1 == set->file_count ? " or "
                                            : ", ",
                 set->files[i].size);
    }
    return nca__fail(error, NCA_INVALID_ARGUMENT, "%s: expected a size of %s pixels, found %u",
                     set->title, known, size);
}

nca_status nca_medmnist_path(char *out, size_t out_size, const char *root,
                             const nca_medmnist_set *set, uint32_t size, nca_error *error)
{
    assert(out != NULL && root != NULL && set != NULL);
    if (nca_medmnist_set_file(set, size) == NULL) {
        return fail_size(set, size, error);
    }
    char suffix[16] = "";
    if (size != sets[0].files[0].size) {
        snprintf(suffix, sizeof suffix, "_%u", size);
    }
    size_t length = strlen(root);
    const char *slash = length == 0 || root[length - 1] == '/' ? "" : "/";
    size_t needed = length + strlen(slash) + strlen(set->name) + strlen(suffix) + sizeof ".npz";
    if (needed > out_size) {
        return nca__fail(error, NCA_LIMIT,
                         "%s: the path of its file below \"%s\" is longer than %zu bytes; choose a "
                         "folder with a shorter path",
                         set->title, root, out_size);
    }
    snprintf(out, out_size, "%s%s%s%s.npz", root, slash, set->name, suffix);
    return NCA_OK;
}

const char *nca_medmnist_citation(void)
{
    return "Jiancheng Yang, Rui Shi, Donglai Wei, Zequan Liu, Lin Zhao, Bilian Ke, "
           "Hanspeter\nPfister, Bingbing Ni. \"MedMNIST v2 - A large-scale lightweight benchmark "
           "for 2D and 3D\nbiomedical image classification.\" Scientific Data 10, 41 "
           "(2023).\ndoi:10.1038/s41597-022-01721-8\nJiancheng Yang, Rui Shi, Bingbing Ni. "
           "\"MedMNIST Classification Decathlon: A Lightweight\nAutoML Benchmark for Medical Image "
           "Analysis.\" IEEE 18th International Symposium on\nBiomedical Imaging (ISBI), "
           "2021.\nCite the source data of the set as well; https://medmnist.com lists them.\n";
}
