/* Internal: the MD5 checksum of an open file. */
#ifndef NCA_DATA_FILE_MD5_H
#define NCA_DATA_FILE_MD5_H

#include "nca/download.h"

/* The checksum of the descriptor's whole file; changes its position. `path` is used in messages. */
nca_status nca__descriptor_md5(char out_hex[33], int descriptor, const char *path,
                               nca_download_progress *progress, void *user, nca_error *error);

#endif
