/* The MedMNIST file that the argument of a `nca data` command names. */
#ifndef NCA_CLI_DATA_DATA_SOURCE_H
#define NCA_CLI_DATA_DATA_SOURCE_H

#include "cli/cli.h"
#include "cli/option_values.h"

/* The options of a command that takes a set; data_source reads them. */
#define DATA_SOURCE_OPTIONS                                                                \
    {"size", 0, "N", "Image size in pixels: 28, 64, 128 or 224; volumes: 28 or 64. [28]"}, \
        MEDMNIST_ROOT_OPTION

typedef struct data_source {
    const nca_medmnist_set *set; /* from the catalogue; NULL: a file whose name is not in it */
    uint32_t size;               /* in pixels; 0: unknown */
    nca_run_path path;           /* path of the file, which need not exist */
} data_source;

/* `argument` is the name of a set, or the path of a file if it contains a '/' or ends in ".npz".
 * Returns EXIT_OK, or EXIT_USAGE after a message: an unknown set (with the nearest name), a size
 * that it does not have, a name if the home folder is unknown. */
int data_source_find(data_source *out, const char *argument, const option_values *given);
/* Opens that file; if it is missing, returns EXIT_FAILED after a message that says how to get
 * it. */
int data_source_open(nca_medmnist **out_data, data_source *out, const char *argument,
                     const option_values *given);

/* The command that downloads a missing file: "nca data get octmnist --size 64 --root data". */
nca_run_path data_source_advice(const data_source *from, const option_values *given);

/* The set of that name, or NULL after a message with the nearest name. */
const nca_medmnist_set *data_set_named(const char *name);

#endif
