/* Times reading a MedMNIST file with libnca: all of it, and one image by its index. Prints one JSON
 * object: medians of seconds. The file is opened anew each time, as numpy.load does.
 *
 *     bench_read_medmnist FILE [RUNS] */
#include <stdio.h>
#include <stdlib.h>

#include "nca/machine.h"
#include "nca/medmnist.h"

enum {
    MOST_RUNS = 1000,
    ONE = 100 /* index of the single image; 0 in a smaller split */
};

static size_t image_bytes(const nca_medmnist_info *info)
{
    return info->depth * info->height * info->width * info->channels;
}

static nca_status read_split(nca_medmnist *data, nca_split split, size_t first, size_t count,
                             nca_error *error)
{
    const nca_medmnist_info *info = nca_medmnist_about(data);
    uint8_t *images = malloc(count * image_bytes(info));
    int64_t *labels = calloc(count * info->labels, sizeof *labels);
    nca_status status = NCA_OUT_OF_MEMORY;
    if (images != NULL && labels != NULL) {
        status = nca_medmnist_read(images, data, split, first, count, error);
    }
    if (status == NCA_OK) {
        status = nca_medmnist_labels(labels, data, split, first, count, error);
    }
    free(images);
    free(labels);
    return status;
}

static nca_status read_whole(nca_medmnist *data, nca_error *error)
{
    nca_status status = NCA_OK;
    for (int split = 0; split < NCA_SPLIT_COUNT && status == NCA_OK; split++) {
        size_t count = nca_medmnist_about(data)->count[split];
        status = count > 0 ? read_split(data, (nca_split)split, 0, count, error) : NCA_OK;
    }
    return status;
}

static nca_status read_one(nca_medmnist *data, nca_error *error)
{
    size_t count = nca_medmnist_about(data)->count[NCA_SPLIT_TRAIN];
    return read_split(data, NCA_SPLIT_TRAIN, count > ONE ? ONE : 0, 1, error);
}

static int compare_seconds(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median of the seconds from opening to closing the file; negative, after a message, on
 * error. */
static double measure(nca_status (*work)(nca_medmnist *, nca_error *), const char *path, int runs)
{
    double seconds[MOST_RUNS];
    for (int i = 0; i < runs; i++) {
        nca_error error = {NCA_OUT_OF_MEMORY, "out of memory"};
        nca_medmnist *data = NULL;
        double began = nca_seconds();
        nca_status status = nca_medmnist_open(&data, path, &error);
        if (status == NCA_OK) {
            status = work(data, &error);
        }
        nca_medmnist_close(data);
        seconds[i] = nca_seconds() - began;
        if (status != NCA_OK) {
            fprintf(stderr, "%s\n", error.message);
            return -1;
        }
    }
    qsort(seconds, (size_t)runs, sizeof *seconds, compare_seconds);
    return seconds[runs / 2];
}

int main(int count, char **arguments)
{
    int runs = count > 2 ? atoi(arguments[2]) : 20;
    if (count < 2 || runs < 1 || runs > MOST_RUNS) {
        fprintf(stderr, "usage: %s FILE [RUNS]\n", arguments[0]);
        return 2;
    }
    double whole = measure(read_whole, arguments[1], runs);
    double one = measure(read_one, arguments[1], runs);
    if (whole < 0 || one < 0) {
        return 1;
    }
    printf("{\"whole_seconds\": %.9f, \"one_seconds\": %.9f}\n", whole, one);
    return 0;
}
