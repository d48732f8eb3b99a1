/* Internal: an open state dict, shared by what lists its tensors and what reads their values. */
#ifndef NCA_MODEL_TORCH_FILE_H
#define NCA_MODEL_TORCH_FILE_H

#include "base/zip.h"
#include "model/pickle.h"
#include "nca/safetensors.h"
#include "nca/torch.h"

enum {
    NCA__TORCH_TENSORS_MAX = 1 << 16,
    NCA__TORCH_NAME_MAX = 512, /* bytes of a tensor's name */
    NCA__TORCH_PATH = 128      /* room for the keys that lead to a dictionary */
};

/* Where a tensor's values are: inside a storage of an archive, everything checked against the
 * archive's directory, or in a file of safetensors. */
typedef struct nca__torch_place {
    const nca_tensor_view *view;  /* NULL in an archive; then: */
    const nca__pickle_name *type; /* of the storage */
    size_t member;                /* of the archive */
    size_t storage_bytes;
    size_t offset;                      /* elements */
    size_t strides[NCA_TORCH_MAX_RANK]; /* elements */
} nca__torch_place;

/* The tensors of one dictionary. */
typedef struct nca__torch_list {
    nca_torch_tensor *tensors;
    nca__torch_place *places;
    size_t count, capacity;
    const nca_torch_tensor **sorted; /* (count) by name, for finding one among many */
} nca__torch_list;

struct nca_torch {
    nca__zip *zip; /* or */
    nca_safetensors *safetensors;
    const char *name; /* for messages; the zip owns it, or the file itself: */
    char *own_name;
    bool swapped; /* the storages' byte order is not this machine's */
    nca__torch_list list;
    char path[NCA__TORCH_PATH];        /* of its dictionary: "model", "checkpoint.state_dict" */
    char elsewhere[NCA_TORCH_TEXT];    /* "optimizer (9 tensors)": other keys with tensors */
    char foreign[NCA__PICKLE_FOREIGN]; /* nca__pickle.foreign */
    /* The storage read last: tensors often share one. */
    uint8_t *storage;
    size_t storage_member;
};

/* Finds the tensors of a pickle: the one dictionary that fits, every place in it checked. `folder`
 * is what stands before "data.pkl" in the archive. */
nca_status nca__torch_list_pickle(nca_torch *file, const nca__pickle *pickle, const char *folder,
                                  size_t folder_length, nca_error *error);
/* Lists the tensors of file->safetensors. */
nca_status nca__torch_list_safetensors(nca_torch *file, nca_error *error);

/* Room for so many tensors. */
nca_status nca__torch_list_reserve(nca__torch_list *list, size_t count, const char *name,
                                   nca_error *error);
/* Sorts the finished list; a name that is there twice is refused. */
nca_status nca__torch_list_sort(nca__torch_list *list, const char *name, nca_error *error);
void nca__torch_list_free(nca__torch_list *list);
const nca_torch_tensor *nca__torch_list_find(const nca__torch_list *list, const char *name);

/* Whether a file of safetensors holds a state dict, not a model or a checkpoint of this program:
 * its header alone is read. */
bool nca__is_safetensors_state_dict(const char *path);

#endif
