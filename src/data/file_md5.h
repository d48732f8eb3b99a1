/* Internal: the MD5 sum of an open file. */
#ifndef NCA_DATA_FILE_MD5_H
#define NCA_DATA_FILE_MD5_H

#include "nca/download.h"

/* Of the descriptor's whole file, whose position it moves; `path` is used in messages. */
nca_status nca__descriptor_md5(char out_hex[33], int descriptor, const char *path,
                               nca_download_progress *progress, void *user, nca_error *error);

#endif
