/* The example images of a page of classifiers, from the options of the command or the run's data.
 */
#ifndef NCA_CLI_PAGE_PAGE_EXAMPLES_H
#define NCA_CLI_PAGE_PAGE_EXAMPLES_H

#include "cli/options.h"

#define EXAMPLE_OPTIONS                                                                          \
    {"examples", 0, "N",                                                                         \
     "Classifier: example images of each class in the page, 0 to 100; 0 = none. [3]"},           \
        {"data", 0, "SOURCE",                                                                    \
         "Classifier: take the examples from these labelled images (as nca train --data). "      \
         "[those of the first run]"},                                                            \
        {"split", 0, "NAME",                                                                     \
         "Classifier: take the examples from train, val or test. [test, else val, else train]"}, \
        {"image", 0, "FILE",                                                                     \
         "Classifier: use this image file as an example instead; can be given several times."},  \
    {                                                                                            \
        "root", 0, "DIR", "Folder with the MedMNIST files. [~/.medmnist; that of the run]"       \
    }

typedef struct page_examples {
    nca_page_examples of;
    uint8_t *images, *labels;
    char **names;
} page_examples;

/* Loads the examples for a model; `path` is the argument that named it. If the images of a run
 * cannot be read, there are none, after a notice. Returns EXIT_OK, or the exit code after a
 * message. Release with page_examples_free in either case. */
int page_examples_load(page_examples *out, const nca_model *model, const char *path,
                       const option_values *given);
/* The usual number of examples of each class, from the validation images of a training, else from
 * test or train. Nothing is printed. */
nca_status page_examples_of(page_examples *out, const nca_labelled *data, const nca_model *model,
                            nca_error *error);
void page_examples_free(page_examples *examples); /* a zeroed struct is allowed */

/* Prints a message and returns EXIT_USAGE if an option of examples is given. */
int page_examples_refuse(const option_values *given);

#endif
