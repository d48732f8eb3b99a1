/* State dicts as safetensors: the same names and tensors as in a file of torch.save. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json_read.h"
#include "model/safetensors_dtype.h"
#include "model/torch_file.h"
#include "nca/files.h"

static const char *dtype_name(nca_dtype dtype)
{
    switch (dtype) {
    case NCA_DTYPE_F32:
        return "float32";
    case NCA_DTYPE_F16:
        return "float16";
    case NCA_DTYPE_BF16:
        return "bfloat16";
    case NCA_DTYPE_F64:
        return "float64";
    case NCA_DTYPE_U8:
        return "uint8";
    case NCA_DTYPE_U32:
        return "uint32";
    case NCA_DTYPE_U64:
        return "uint64";
    case NCA_DTYPE_OTHER:
        break;
    }
    return "another";
}

static nca_status add_view(nca__torch_list *list, const nca_tensor_view *view, const char *name,
                           nca_error *error)
{
    if (list->count == list->capacity) {
        return nca__fail(error, NCA_LIMIT, "%s: more than %d tensors", name,
                         NCA__TORCH_TENSORS_MAX);
    }
    const size_t length = strlen(view->name);
    if (length > NCA__TORCH_NAME_MAX) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: the name of a tensor should have at most %d bytes, found %zu", name,
                         NCA__TORCH_NAME_MAX, length);
    }
    char *copy = malloc(length + 1);
    if (copy == NULL) {
        return nca__fail_memory(error, name, length);
    }
    memcpy(copy, view->name, length + 1);
    nca__clean_text(copy);
    nca_torch_tensor *tensor = &list->tensors[list->count];
    list->places[list->count++].view = view;
    *tensor = (nca_torch_tensor){copy, dtype_name(view->dtype), view->rank, {0}, view->bytes > 0};
    for (size_t i = 0; i < view->rank; i++) {
        tensor->shape[i] = view->shape[i];
        tensor->count *= view->shape[i];
    }
    return NCA_OK;
}

nca_status nca__torch_list_safetensors(nca_torch *file, nca_error *error)
{
    const size_t count = nca_safetensors_count(file->safetensors);
    nca_status status = nca__torch_list_reserve(&file->list, count, file->name, error);
    for (size_t i = 0; i < count && status == NCA_OK; i++) {
        status = add_view(&file->list, nca_safetensors_at(file->safetensors, i), file->name, error);
    }
    return status == NCA_OK ? nca__torch_list_sort(&file->list, file->name, error) : status;
}

/* ---- Detection ------------------------------------------------------------------------------- */

/* Files written by this program are marked in their metadata. A model whose metadata was lost can
 * still be recognised by the names of its tensors, and is not treated as a state dict. */
static bool is_state_dict_header(const char *text, size_t size)
{
    nca__json json = {0};
    nca__json_problem problem;
    if (nca__json_parse(&json, &problem, text, size) != NCA_OK) {
        return false;
    }
    const nca__json_node *root = json.nodes;
    const nca__json_node *metadata = nca__json_find(&json, root, NCA__SAFETENSORS_METADATA);
    const nca__json_node *format =
        metadata != NULL ? nca__json_find(&json, metadata, "format") : NULL;
    bool ours = nca__json_find(&json, root, "update.w1") != NULL ||
                (format != NULL && format->kind == NCA__JSON_STRING &&
                 strncmp(format->string, "nca-", 4) == 0);
    bool tensors = root->kind == NCA__JSON_OBJECT && root->count > (metadata != NULL);
    nca__json_free(&json);
    return tensors && !ours;
}

bool nca__is_safetensors_state_dict(const char *path)
{
    FILE *stream;
    uint64_t header = 0;
    if (nca_file_open(&stream, path, NULL) != NCA_OK) {
        return false;
    }
    bool is = fread(&header, sizeof header, 1, stream) == 1 && header > 2 &&
              header <= NCA__SAFETENSORS_HEADER_MAX;
    char *text = is ? malloc((size_t)header) : NULL;
    is = text != NULL && fread(text, (size_t)header, 1, stream) == 1 && text[0] == '{' &&
         is_state_dict_header(text, (size_t)header);
    free(text);
    fclose(stream);
    return is;
}
