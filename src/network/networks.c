/* The table of update networks, and the functions of the public list of precisions. */
#include "kernels/table.h"
#include "network/network.h"

static const nca__network *const rows[] = {
    [NCA_PRECISION_FP32] = &nca__network_fp32,
    [NCA_PRECISION_BF16] = &nca__network_bf16,
    [NCA_PRECISION_BF16_AMX] = &nca__network_bf16_amx,
    [NCA_PRECISION_INT8] = &nca__network_int8,
};
_Static_assert(sizeof rows / sizeof *rows == NCA_PRECISION_COUNT, "every precision has a row");

const nca__network *nca__network_of(nca_precision precision)
{
    return rows[precision];
}

const char *nca_precision_name(nca_precision precision)
{
    return (unsigned)precision < NCA_PRECISION_COUNT ? rows[precision]->name : NULL;
}

const char *nca_kernels_missing_for(const nca_kernels *kernels, nca_precision precision)
{
    const char *missing = kernels->missing();
    if (missing != NULL || (unsigned)precision >= NCA_PRECISION_COUNT) {
        return missing;
    }
    const nca__network *row = rows[precision];
    return row->missing != NULL ? row->missing(kernels) : NULL;
}
