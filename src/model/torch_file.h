/* Internal: an open state dict, shared by the code that lists its tensors and the code that reads
 * their values. */
#ifndef NCA_MODEL_TORCH_FILE_H
#define NCA_MODEL_TORCH_FILE_H

#include "base/zip.h"
#include "model/pickle.h"
#include "nca/safetensors.h"
#include "nca/torch.h"

enum {
    NCA__TORCH_TENSORS_MAX = 1 << 16,
    NCA__TORCH_NAME_MAX = 512, /* bytes of a tensor's name */
    NCA__TORCH_PATH = 128      /* buffer for the keys that lead to a dictionary */
};

/* The location of a tensor's values: in a storage of an archive, checked against the archive's
 * directory, or in a safetensors file. */
typedef struct nca__torch_place {
    const nca_tensor_view *view;  /* NULL in an archive, which uses the fields below */
    const nca__pickle_name *type; /* type of the storage */
    size_t member;                /* index in the archive */
    size_t storage_bytes;
    size_t offset;                      /* elements */
    size_t strides[NCA_TORCH_MAX_RANK]; /* elements */
} nca__torch_place;

/* The tensors of one dictionary. */
typedef struct nca__torch_list {
    nca_torch_tensor *tensors;
    nca__torch_place *places;
    size_t count, capacity;
    const nca_torch_tensor **sorted; /* (count) sorted by name, for binary search */
} nca__torch_list;

/* The keys of the file of a classifier: its state dict, and a dictionary of texts that describes
 * the model, the metadata of a model file. */
#define NCA__TORCH_STATE    "state_dict"
#define NCA__TORCH_METADATA "metadata"

typedef struct nca__torch_text {
    char *key, *value; /* owned */
} nca__torch_text;

struct nca_torch {
    nca__zip *zip; /* for archives; NULL otherwise */
    nca_safetensors *safetensors;
    const char *name; /* for messages; owned by the zip, or in own_name */
    char *own_name;
    bool swapped; /* the storages' byte order is not this machine's */
    nca__torch_list list;
    nca__torch_text *texts; /* of the dictionary NCA__TORCH_METADATA beside the state dict */
    size_t text_count;
    char path[NCA__TORCH_PATH];     /* path of its dictionary: "model", "checkpoint.state_dict" */
    char elsewhere[NCA_TORCH_TEXT]; /* "optimizer (9 tensors)": other keys with tensors */
    char foreign[NCA__PICKLE_FOREIGN]; /* nca__pickle.foreign */
    /* The storage read last, kept because several tensors often share one. */
    uint8_t *storage;
    size_t storage_member;
};

/* Finds the tensors of a pickle: chooses a dictionary and checks the locations of its tensors.
 * `folder` is the path before "data.pkl" in the archive. */
nca_status nca__torch_list_pickle(nca_torch *file, const nca__pickle *pickle, const char *folder,
                                  size_t folder_length, nca_error *error);
/* The text of a key, or NULL; `file` is an nca_torch. */
const char *nca__torch_text_of(const void *file, const char *key);
/* Lists the tensors of file->safetensors. */
nca_status nca__torch_list_safetensors(nca_torch *file, nca_error *error);

/* Makes room for this number of tensors. */
nca_status nca__torch_list_reserve(nca__torch_list *list, size_t count, const char *name,
                                   nca_error *error);
/* Sorts the complete list; duplicate names are refused. */
nca_status nca__torch_list_sort(nca__torch_list *list, const char *name, nca_error *error);
void nca__torch_list_free(nca__torch_list *list);
const nca_torch_tensor *nca__torch_list_find(const nca__torch_list *list, const char *name);

/* Whether a safetensors file is a state dict rather than a model or a checkpoint of this program;
 * only its header is read. */
bool nca__is_safetensors_state_dict(const char *path);

#endif
