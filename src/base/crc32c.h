/* Internal: the checksum CRC-32C (Castagnoli), as iSCSI and TensorFlow use it (RFC 3720, appendix
 * B.4). */
#ifndef NCA_BASE_CRC32C_H
#define NCA_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

uint32_t nca__crc32c(const void *bytes, size_t count);

#endif
