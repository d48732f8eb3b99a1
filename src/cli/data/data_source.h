/* The file of MedMNIST that a `nca data` command's argument names. */
#ifndef NCA_CLI_DATA_DATA_SOURCE_H
#define NCA_CLI_DATA_DATA_SOURCE_H

#include "cli/cli.h"
#include "cli/options.h"

/* The rows of a command that takes a set; data_source reads them. */
#define DATA_SOURCE_OPTIONS                                                                \
    {"size", 0, "N", "Image size in pixels: 28, 64, 128 or 224; volumes: 28 or 64. [28]"}, \
        MEDMNIST_ROOT_OPTION

typedef struct data_source {
    const nca_medmnist_set *set; /* of the catalogue; NULL: a path to a file of no known name */
    uint32_t size;               /* pixels; 0: unknown */
    nca_run_path path;           /* the file, whether it is there or not */
} data_source;

/* `argument` is a set's name, or the path of a file when it has a '/' or ends in ".npz". Returns
 * EXIT_OK, or EXIT_USAGE after a message: an unknown set (with the nearest name), a size that it
 * does not have, a name where nobody can say where home is. */
int data_source_find(data_source *out, const char *argument, const option_values *given);
/* Opens that file; a missing one is EXIT_FAILED with how to get it. */
int data_source_open(nca_medmnist **out_data, data_source *out, const char *argument,
                     const option_values *given);

/* How to get the file of a set that is not there: "nca data get octmnist --size 64 --root data". */
nca_run_path data_source_advice(const data_source *from, const option_values *given);

/* The set of that name, or NULL after a message with the nearest one. */
const nca_medmnist_set *data_set_named(const char *name);

#endif
