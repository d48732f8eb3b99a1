/* The models that a command's arguments name: files, run folders, folders of runs or of models. */
#ifndef NCA_CLI_MODEL_MODEL_LIST_H
#define NCA_CLI_MODEL_MODEL_LIST_H

#include "cli/options.h"

typedef struct model_list {
    nca_model *models[NCA_PAGE_MAX_MODELS];
    char names[NCA_PAGE_MAX_MODELS][128]; /* of the run, or of the file without extension */
    nca_run_path first;                   /* the file or the run folder of the first */
    size_t count;
} model_list;

/* Loads the models in order; a folder of runs (a sweep) adds the models of its runs sorted by name.
 * Returns EXIT_OK, or the exit code after a message. Call model_list_free() in either case. */
int model_list_load(model_list *out, const option_values *given);
void model_list_free(model_list *list);

#endif
