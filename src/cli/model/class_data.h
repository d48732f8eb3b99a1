/* The labelled images for a classifier: those of its run, or others. */
#ifndef NCA_CLI_MODEL_CLASS_DATA_H
#define NCA_CLI_MODEL_CLASS_DATA_H

#include "cli/options.h"

/* The options of a command that reads labelled images. */
#define CLASS_DATA_OPTION                                                                          \
    {                                                                                              \
        "data", 0, "SOURCE",                                                                       \
            "Classifier: labelled images, as for nca train --data: medmnist:SET, an .npz file, a " \
            "folder of classes or a CSV table. [those of the run]"                                 \
    }

/* --root of a command whose models may be classifiers; class_run_root reads it. */
#define MODEL_ROOT_OPTION                                                                \
    {                                                                                    \
        "root", 0, "DIR",                                                                \
            "Folder with the MedMNIST files. [~/.medmnist; classifier: that of the run]" \
    }

/* What --size says: the side of the images in pixels, 0 for "keep". Without the option *out is
 * unchanged. Returns false after a message. */
bool class_size(size_t *out, const option_values *given);

/* The folder of the MedMNIST files for a model: that of --root, or that of the run in whose folder
 * the model is; "" if there is none. `path` is the model file. */
void class_run_root(nca_run_path *out, const char *path, const option_values *given);

/* Opens the images: --data, or those of the run in whose folder the model is; with --root and
 * --size. Without --size they have the size of the training images if these are square, otherwise
 * their own. Prints notices. Grey images become RGB if the model has three input channels. Returns
 * EXIT_OK, or the exit code after a message. `path` is the model file. */
int class_data_open(nca_labelled **out_data, const nca_model *model, const char *path,
                    const option_values *given);

/* Opens the images of the run in whose folder the model is, in the form that the model takes, with
 * no output; `root` may be NULL. Errors: NCA_NOT_FOUND (the model is not in such a folder), those
 * of nca_settings_load and nca_labelled_open. */
nca_status class_data_load(nca_labelled **out_data, const nca_model *model, const char *path,
                           const char *root, bool (*go_on)(double share, void *user), void *user,
                           nca_error *error);

/* The name of the run for files: its folder, or the name of the model file without its ending. */
void class_run_name(char *out, size_t size, const char *path);

/* Prints a message if the model is (or is not) a classifier; `use` ends it: what to use instead.
 * Returns EXIT_OK or EXIT_USAGE. */
int expect_classifier(const nca_model *model, const char *path, const char *use);
int expect_growth(const nca_model *model, const char *path, const char *use);

#endif
