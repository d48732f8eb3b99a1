/* The names of kinds of labels and of read-outs. */
#include <stddef.h>

#include "nca/labels.h"
#include "nca/readout.h"

const char *nca_label_kind_name(nca_label_kind kind)
{
    static const char *const names[] = {"multi-class", "binary-class", "multi-label, binary-class",
                                        "ordinal-regression"};
    return (unsigned)kind < NCA_LABEL_KINDS ? names[kind] : NULL;
}

const char *nca_readout_name(nca_readout readout)
{
    static const char *const names[] = {"mean", "max", "per-cell"};
    return (unsigned)readout < NCA_READOUT_COUNT ? names[readout] : NULL;
}
