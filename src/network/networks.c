/* The table of update networks. */
#include "network/network.h"

const nca__network *nca__network_of(nca_precision precision)
{
    static const nca__network *const rows[NCA_PRECISION_COUNT] = {
        [NCA_PRECISION_FP32] = &nca__network_fp32,
        [NCA_PRECISION_BF16] = &nca__network_bf16,
        [NCA_PRECISION_BF16_AMX] = &nca__network_bf16_amx,
        [NCA_PRECISION_INT8] = &nca__network_int8,
    };
    return rows[precision];
}
