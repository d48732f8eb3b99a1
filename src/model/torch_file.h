/* Internal: an open state dict, shared by what lists its tensors and what reads their values. */
#ifndef NCA_MODEL_TORCH_FILE_H
#define NCA_MODEL_TORCH_FILE_H

#include "base/zip.h"
#include "model/pickle.h"
#include "nca/torch.h"

enum {
    NCA__TORCH_TENSORS_MAX = 1 << 16,
    NCA__TORCH_NAME_MAX = 512 /* bytes of a tensor's name */
};

/* A tensor's values inside its storage; everything is checked against the archive's directory. */
typedef struct nca__torch_place {
    const nca__pickle_name *type; /* of the storage */
    size_t member;                /* of the archive */
    size_t storage_bytes;
    size_t offset;                      /* elements */
    size_t strides[NCA_TORCH_MAX_RANK]; /* elements */
} nca__torch_place;

struct nca_torch {
    nca__zip *zip;
    const char *name; /* for messages; the zip owns it */
    bool swapped;     /* the storages' byte order is not this machine's */
    nca_torch_tensor *tensors;
    nca__torch_place *places;
    size_t count, capacity;
    const nca_torch_tensor **sorted; /* (count) by name, for finding one among many */
    /* The storage read last: tensors often share one. */
    uint8_t *storage;
    size_t storage_member;
};

/* Finds the tensors of a pickle: fills `file`'s list, every place checked. `folder` is what stands
 * before "data.pkl" in the archive. */
nca_status nca__torch_list(nca_torch *file, const nca__pickle *pickle, const char *folder,
                           size_t folder_length, nca_error *error);

#endif
