/* Targets as the program's commands need them: made from settings, and called by a short name. */
#ifndef NCA_CLI_TARGET_NAMES_H
#define NCA_CLI_TARGET_NAMES_H

#include "cli/run_folder.h"

/* The target that the settings describe; an empty root is the folder of data_root. Release with
 * nca_target_destroy. */
nca_status target_of_settings(nca_target **out, const nca_settings *settings, nca_error *error);

/* Says on standard error what was odd about the picture. */
void note_target(const nca_target *target);

/* "photo.png" for some/folder/photo.png, "breastmnist/train/3" for medmnist:breastmnist/train/3 and
 * for medmnist:some/folder/breastmnist.npz/train/3. */
run_path target_title(const char *target);

/* "runs/photo", "runs/scan-slice-12" for scan.npy?slice=12, "runs/breastmnist-train-3",
 * "runs/organmnist3d-train-3-axis-x-slice-5". */
run_path run_default_folder(const char *target);

#endif
