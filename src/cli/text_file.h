/* A text as a file, whole or not at all. */
#ifndef NCA_CLI_TEXT_FILE_H
#define NCA_CLI_TEXT_FILE_H

#include "nca/status.h"

nca_status text_file_save(const char *path, const char *text, nca_error *error);

#endif
