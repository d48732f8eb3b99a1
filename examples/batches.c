/* Goes through a split of a MedMNIST file in shuffled batches and prints what each class looks like
 * on average. With libnca installed (`make install`):
 *
 *     cc batches.c $(pkg-config --cflags --libs nca) -o batches
 *     ./batches breastmnist.npz [BATCH] [SEED] */
#include <stdio.h>
#include <stdlib.h>

#include <nca/nca.h>

enum {
    MOST_CLASSES = 16
};

static nca_error error;

static void must(nca_status status)
{
    if (status != NCA_OK) {
        fprintf(stderr, "batches: %s: %s\n", nca_status_meaning(status), error.message);
        exit(EXIT_FAILURE);
    }
}

int main(int count, char **arguments)
{
    if (count < 2) {
        fprintf(stderr, "usage: batches FILE.npz [BATCH] [SEED]\n");
        return 2;
    }
    size_t batch = count > 2 ? strtoul(arguments[2], NULL, 10) : 32;
    uint64_t seed = count > 3 ? strtoull(arguments[3], NULL, 10) : 0;

    nca_medmnist *data;
    must(nca_medmnist_open(&data, arguments[1], &error));
    const nca_medmnist_info info = *nca_medmnist_about(data);
    if (!info.labelled[NCA_SPLIT_TRAIN]) {
        fprintf(stderr, "batches: %s: the split train has no labels\n", arguments[1]);
        return EXIT_FAILURE;
    }
    nca_batches *batches;
    must(nca_batches_create(&batches, data, NCA_SPLIT_TRAIN, batch, seed, 1 << 28, &error));
    nca_medmnist_close(data); /* the batches keep what they need */

    size_t size = nca_medmnist_image_bytes(&info);
    uint8_t *images = malloc(batch * size);                         /* (batch,D,H,W,channels) */
    int64_t *labels = malloc(batch * info.labels * sizeof *labels); /* (batch, labels) */
    must(images != NULL && labels != NULL ? NCA_OK : NCA_OUT_OF_MEMORY);

    double sum[MOST_CLASSES] = {0};
    size_t seen[MOST_CLASSES] = {0}, number = 0;
    while (nca_batches_epoch(batches) == 0) {
        size_t got;
        must(nca_batches_next(images, labels, NULL, &got, batches, &error));
        number++;
        for (size_t i = 0; i < got; i++) {
            int64_t label = labels[i * info.labels];
            if (label < 0 || label >= MOST_CLASSES) {
                continue;
            }
            for (size_t k = 0; k < size; k++) {
                sum[label] += images[i * size + k];
            }
            seen[label]++;
        }
    }
    printf("%zu images in %zu batches\n", info.count[NCA_SPLIT_TRAIN], number);
    for (size_t i = 0; i < MOST_CLASSES; i++) {
        if (seen[i] > 0) {
            int named = info.set != NULL && info.labels == 1 && i < info.set->classes;
            printf("class %zu  %6zu images  mean %6.2f  %s\n", i, seen[i],
                   sum[i] / (double)(seen[i] * size), named ? info.set->labels[i] : "");
        }
    }
    free(labels);
    free(images);
    nca_batches_destroy(batches);
    return EXIT_SUCCESS;
}
