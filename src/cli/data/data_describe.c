/* Descriptions of the contents of a MedMNIST file. */
#include "cli/data/data_describe.h"

#include <stdio.h>
#include <string.h>

void describe_images(char out[DATA_WORDS], const nca_medmnist_info *info)
{
    if (info->depth > 1) {
        snprintf(out, DATA_WORDS, "%zu x %zu x %zu voxels", info->depth, info->height, info->width);
    } else {
        snprintf(out, DATA_WORDS, "%zu x %zu pixels, %s", info->height, info->width,
                 info->channels == 4   ? "RGBA"
                 : info->channels == 3 ? "RGB"
                                       : "grey");
    }
}

void describe_counts(char out[DATA_WORDS], const nca_medmnist_info *info)
{
    size_t length = 0;
    for (int i = 0; i < NCA_SPLIT_COUNT; i++) {
        length += (size_t)snprintf(out + length, DATA_WORDS - length, "%s%s ", i > 0 ? ", " : "",
                                   nca_split_name((nca_split)i));
        length += info->present[i]
                      ? (size_t)snprintf(out + length, DATA_WORDS - length, "%zu", info->count[i])
                      : (size_t)snprintf(out + length, DATA_WORDS - length, "none");
    }
}

static bool has_name(const nca_medmnist_set *set, int64_t label)
{
    return set != NULL && label >= 0 && (uint64_t)label < set->classes;
}

void describe_class(char out[DATA_WORDS], const nca_medmnist_set *set, int64_t label)
{
    if (has_name(set, label)) {
        snprintf(out, DATA_WORDS, "%s", set->labels[label]);
    } else {
        snprintf(out, DATA_WORDS, "%lld", (long long)label);
    }
}

void describe_labels(char out[DATA_WORDS], const nca_medmnist_info *info, const int64_t *labels)
{
    char name[DATA_WORDS];
    if (info->labels == 1) {
        describe_class(name, info->set, labels[0]);
        const bool is_named = has_name(info->set, labels[0]);
        snprintf(out, DATA_WORDS, is_named ? "%lld (%.200s)" : "%lld", (long long)labels[0], name);
        return;
    }
    size_t length = 0;
    snprintf(out, DATA_WORDS, "none");
    for (size_t i = 0; i < info->labels; i++) {
        if (labels[i] != 0) {
            describe_class(name, info->set, (int64_t)i);
            length += (size_t)snprintf(out + length, DATA_WORDS - length, "%s%s",
                                       length > 0 ? ", " : "", name);
        }
        if (length >= DATA_WORDS) {
            return;
        }
    }
}
