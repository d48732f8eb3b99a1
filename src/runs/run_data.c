/* The images of a classification. */
#include "nca/run.h"

#include "base/error.h"

void nca_run_data_options(nca_labelled_options *out, const nca_settings *settings,
                          const char *data_root)
{
    nca_labelled_options_default(out);
    out->root = settings->root[0] != 0 ? settings->root : data_root != NULL ? data_root : "";
    out->size = settings->img_size;
    out->skip_broken = settings->skip_broken;
    out->val_share = (double)settings->val_share;
    out->test_share = (double)settings->test_share;
    out->seed = settings->seed;
}

nca_status nca_run_data(nca_labelled **out_data, const nca_settings *settings,
                        const char *data_root, nca_error *error)
{
    if (settings->data[0] == 0) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "data: expected the images of the classification, found none; give "
                         "medmnist:SET, an .npz file, a folder of classes or a CSV table (--data)");
    }
    nca_labelled_options options;
    nca_run_data_options(&options, settings, data_root);
    return nca_labelled_open(out_data, settings->data, &options, error);
}
