/* Images that occur more than once in a data set. A score on images that a model was trained on
 * says little about new ones, so the user is told. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/labelled_build.h"

typedef struct hashed {
    uint64_t hash;
    size_t index; /* counted over all splits */
} hashed;

static int by_hash(const void *a, const void *b)
{
    const hashed *left = a, *right = b;
    if (left->hash != right->hash) {
        return left->hash < right->hash ? -1 : 1;
    }
    return left->index < right->index ? -1 : left->index > right->index;
}

/* Images that repeat another one: their number and the first pair. */
typedef struct repeats {
    size_t count, original, copy;
} repeats;

typedef struct findings {
    repeats splits[NCA_SPLIT_COUNT][NCA_SPLIT_COUNT]; /* [earlier][later] */
    repeats labels;                                   /* the same pixels with other labels */
} findings;

static void note(repeats *r, size_t original, size_t copy)
{
    if (r->count++ == 0 || copy < r->copy) {
        r->original = original;
        r->copy = copy;
    }
}

static unsigned split_of(const nca__labelled *data, size_t index)
{
    unsigned split = 0;
    while (index >= data->shown.split[split].count) {
        index -= data->shown.split[split++].count;
    }
    return split;
}

/* Images with equal hashes, in the order of the splits. Of two different images with the same hash,
 * which are unlikely, the second is not compared further. */
static void compare_group(findings *out, const nca__labelled *data, const hashed *group,
                          size_t count)
{
    const size_t bytes = data->store.pixels * data->store.channels;
    const size_t width = data->shown.label_width, first = group[0].index;
    size_t first_of[NCA_SPLIT_COUNT];
    bool any[NCA_SPLIT_COUNT] = {false};
    for (size_t i = 0; i < count; i++) {
        const size_t index = group[i].index;
        if (memcmp(data->store.bytes + index * bytes, data->store.bytes + first * bytes, bytes) !=
            0) {
            continue;
        }
        const unsigned split = split_of(data, index);
        for (unsigned earlier = 0; earlier < split; earlier++) {
            if (any[earlier]) {
                note(&out->splits[earlier][split], first_of[earlier], index);
            }
        }
        if (!any[split]) {
            any[split] = true;
            first_of[split] = index;
        }
        if (memcmp(data->labels + index * width, data->labels + first * width, width) != 0) {
            note(&out->labels, first, index);
        }
    }
}

static bool same_file(const char *a, const char *b)
{
    char *left = realpath(a, NULL), *right = realpath(b, NULL);
    const bool same = left != NULL && right != NULL && strcmp(left, right) == 0;
    free(left);
    free(right);
    return same;
}

static void report(nca__labelled *data, const findings *found)
{
    char original[300], copy[300];
    for (unsigned later = 1; later < NCA_SPLIT_COUNT; later++) {
        for (unsigned earlier = 0; earlier < later; earlier++) {
            const repeats *r = &found->splits[earlier][later];
            if (r->count == 0) {
                continue;
            }
            nca__labelled_name(original, sizeof original, data, r->original);
            nca__labelled_name(copy, sizeof copy, data, r->copy);
            const bool file =
                data->names != NULL && same_file(data->names[r->original], data->names[r->copy]);
            nca__labelled_notice(data,
                                 "images of %s with the same pixels as an image of %s: %zu of %zu, "
                                 "such as %s and %s%s",
                                 nca_split_name((nca_split)later),
                                 nca_split_name((nca_split)earlier), r->count,
                                 data->shown.split[later].count, copy, original,
                                 file ? ", which are the same file" : "");
        }
    }
    if (found->labels.count > 0) {
        nca__labelled_name(original, sizeof original, data, found->labels.original);
        nca__labelled_name(copy, sizeof copy, data, found->labels.copy);
        nca__labelled_notice(
            data,
            "images with the same pixels as an image with another label: %zu, such as %s and %s",
            found->labels.count, copy, original);
    }
}

nca_status nca__labelled_find_repeats(nca__labelled *data, nca_error *error)
{
    const size_t count = data->store.count;
    findings found = {0};
    hashed *all = malloc((count > 0 ? count : 1) * sizeof *all);
    if (all == NULL) {
        return nca__fail_memory(error, "hashes", count * sizeof *all);
    }
    for (size_t i = 0; i < count; i++) {
        all[i] = (hashed){data->hashes[i], i};
    }
    qsort(all, count, sizeof *all, by_hash);
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && all[end].hash == all[i].hash;) {
            end++;
        }
        if (end - i > 1) {
            compare_group(&found, data, all + i, end - i);
        }
    }
    free(all);
    report(data, &found);
    return NCA_OK;
}
