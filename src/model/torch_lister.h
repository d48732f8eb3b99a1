/* Internal: shared by the search for dictionaries and the listing of one. */
#ifndef NCA_MODEL_TORCH_LISTER_H
#define NCA_MODEL_TORCH_LISTER_H

#include "model/torch_file.h"

typedef struct nca__torch_lister {
    const nca_torch *file;
    const nca__pickle *pickle;
    const char *folder; /* path before "data.pkl" in the archive */
    size_t folder_length;
    nca_error *error; /* not NULL */
} nca__torch_lister;

/* Lists the tensors among a dictionary's values; on failure the list is zeroed. */
nca_status nca__torch_list_dictionary(nca__torch_list *list, const nca__torch_lister *l,
                                      const nca__pickle_object *dictionary);

#endif
