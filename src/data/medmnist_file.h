/* Internal: an open MedMNIST file, for the other files of MedMNIST. */
#ifndef NCA_DATA_MEDMNIST_FILE_H
#define NCA_DATA_MEDMNIST_FILE_H

#include "nca/medmnist.h"

/* The path, cleaned for messages. */
const char *nca__medmnist_path(const nca_medmnist *data);

#endif
