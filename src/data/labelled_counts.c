/* Counting the images of every class. */
#include <string.h>

#include "nca/labelled.h"

void nca_labelled_class_counts(size_t *out, const nca_labelled *data, nca_split split)
{
    const nca_labelled_split *from = &data->split[split];
    memset(out, 0, data->classes * sizeof *out);
    for (size_t i = 0; i < from->count * data->label_width; i++) {
        if (data->label_width == 1) {
            out[from->labels[i]]++;
        } else {
            out[i % data->label_width] += from->labels[i] != 0;
        }
    }
}
