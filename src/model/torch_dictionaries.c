/* Finds the state dict among the dictionaries of a pickle: all that contain tensors are examined,
 * and the one with an update network is used. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/torch_lister.h"
#include "model/torch_network.h"

enum {
    MOST_LEVELS = 8, /* maximum nesting of dictionaries, lists and tuples */
    NO_PARENT = UINT32_MAX
};

/* A dictionary, list or tuple, and the path to it. */
typedef struct node {
    nca__pickle_ref object;
    uint32_t parent;
    nca__pickle_ref key; /* key in a dictionary, or */
    uint32_t index;      /* index in a list or tuple */
    bool in_dictionary;
    uint32_t level;
    uint32_t top;   /* index of its ancestor at level 1; 0: the root */
    size_t tensors; /* number of tensors among its values */
    size_t others;  /* for nodes at level 1: number of tensors in it that are not used */
    bool fits;      /* whether its tensors form an update network */
} node;

typedef struct search {
    nca__torch_lister l;
    node *nodes; /* in order of level */
    uint32_t count, capacity;
    bool *seen; /* (objects) */
} search;

static const nca__pickle_object *object_at(const search *s, nca__pickle_ref ref)
{
    return &s->l.pickle->objects[ref];
}

/* ---- The walk --------------------------------------------------------------------------------*/

/* Adds an object that may contain tensors. Each object is added once, because a pickle may contain
 * cycles. */
static nca_status visit(search *s, node child)
{
    const nca__pickle_kind kind = object_at(s, child.object)->kind;
    if (kind == NCA__PICKLE_TENSOR && child.parent != NO_PARENT) {
        s->nodes[child.parent].tensors++;
    }
    if ((kind != NCA__PICKLE_DICT && kind != NCA__PICKLE_LIST && kind != NCA__PICKLE_TUPLE) ||
        s->seen[child.object] || child.level > MOST_LEVELS) {
        return NCA_OK;
    }
    if (s->count == s->capacity) {
        const uint32_t capacity = s->capacity < 16 ? 16 : 2 * s->capacity;
        node *nodes = realloc(s->nodes, capacity * sizeof *nodes);
        if (nodes == NULL) {
            return nca__fail_memory(s->l.error, s->l.file->name, capacity * sizeof *nodes);
        }
        s->nodes = nodes;
        s->capacity = capacity;
    }
    s->seen[child.object] = true;
    child.top = child.level <= 1 ? s->count : s->nodes[child.parent].top;
    s->nodes[s->count++] = child;
    return NCA_OK;
}

static nca_status visit_children(search *s, uint32_t at)
{
    const nca__pickle *pickle = s->l.pickle;
    const nca__pickle_object *object = object_at(s, s->nodes[at].object);
    node child = {.parent = at, .level = s->nodes[at].level + 1};
    child.in_dictionary = object->kind == NCA__PICKLE_DICT;
    nca_status status = NCA_OK;
    if (object->kind == NCA__PICKLE_TUPLE) {
        for (uint32_t i = 0; i < object->tuple.count && status == NCA_OK; i++) {
            child.object = pickle->items[object->tuple.first + i];
            child.index = i;
            status = visit(s, child);
        }
        return status;
    }
    for (uint32_t link = object->chain.first; link != NCA__PICKLE_END && status == NCA_OK;
         link = pickle->links[link].next) {
        child.object = pickle->links[link].value;
        child.key = pickle->links[link].key;
        status = visit(s, child);
        child.index++;
    }
    return status;
}

static nca_status walk(search *s)
{
    s->seen = calloc(s->l.pickle->object_count, sizeof *s->seen);
    if (s->seen == NULL) {
        return nca__fail_memory(s->l.error, s->l.file->name, s->l.pickle->object_count);
    }
    nca_status status = visit(s, (node){.object = s->l.pickle->root, .parent = NO_PARENT});
    for (uint32_t i = 0; i < s->count && status == NCA_OK; i++) {
        status = visit_children(s, i);
    }
    return status;
}

/* ---- Names -----------------------------------------------------------------------------------*/

static void key_text(char *out, size_t size, const search *s, const node *n)
{
    const nca__pickle_object *key = n->in_dictionary ? object_at(s, n->key) : NULL;
    if (key == NULL) {
        snprintf(out, size, "%" PRIu32, n->index);
    } else if (key->kind == NCA__PICKLE_TEXT) {
        snprintf(out, size, "%.*s", key->text.length < 40 ? (int)key->text.length : 40,
                 key->text.bytes);
    } else if (key->kind == NCA__PICKLE_INTEGER) {
        snprintf(out, size, "%" PRId64, key->integer);
    } else {
        snprintf(out, size, "?");
    }
    nca__clean_text(out);
}

/* "checkpoint.state_dict"; "" for the root. If it is too long, the beginning is cut off. */
static void path_text(char out[NCA__TORCH_PATH], const search *s, uint32_t at)
{
    char path[NCA__TORCH_PATH] = "";
    for (; s->nodes[at].parent != NO_PARENT; at = s->nodes[at].parent) {
        char key[48], longer[NCA__TORCH_PATH + 64];
        key_text(key, sizeof key, s, &s->nodes[at]);
        snprintf(longer, sizeof longer, "%s%s%s", key, path[0] != 0 ? "." : "", path);
        if (strlen(longer) >= NCA__TORCH_PATH) {
            break;
        }
        strcpy(path, longer);
    }
    strcpy(out, path);
}

static void append(char *list, size_t size, const char *item)
{
    const size_t length = strlen(list);
    if (length + strlen(item) + sizeof ", , ..." <= size) {
        snprintf(list + length, size - length, "%s%s", length > 0 ? ", " : "", item);
    } else if (length < 3 || strcmp(list + length - 3, "...") != 0) {
        snprintf(list + length, size - length, ", ...");
    }
}

/* "optimizer (9 tensors), ...": what contains tensors in addition to the chosen dictionary. */
static void list_others(char *out, size_t size, search *s, uint32_t taken)
{
    out[0] = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        s->nodes[s->nodes[i].top].others += i != taken ? s->nodes[i].tensors : 0;
    }
    for (uint32_t i = 0; i < s->count && s->nodes[i].level <= 1; i++) {
        const size_t count = s->nodes[i].others;
        if (count > 0) {
            char path[NCA__TORCH_PATH], item[NCA__TORCH_PATH + 48];
            path_text(path, s, i);
            snprintf(item, sizeof item, "%s (%zu tensor%s)", path[0] != 0 ? path : "the top level",
                     count, count == 1 ? "" : "s");
            append(out, size, item);
        }
    }
}

/* Quoted paths of the dictionaries that fit, or of all that contain tensors. */
static void list_paths(char *out, size_t size, const search *s, bool fitting)
{
    out[0] = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->nodes[i].tensors > 0 && object_at(s, s->nodes[i].object)->kind == NCA__PICKLE_DICT &&
            (!fitting || s->nodes[i].fits)) {
            char path[NCA__TORCH_PATH], item[NCA__TORCH_PATH + 4];
            path_text(path, s, i);
            snprintf(item, sizeof item, "\"%s\"", path);
            append(out, size, path[0] != 0 ? item : "the top level");
        }
    }
}

/* ---- The choice ------------------------------------------------------------------------------*/

/* Checks whether a node's tensors form an update network. Damage in a dictionary that is not chosen
 * does not matter: a dictionary whose listing fails does not fit. */
static nca_status probe(node *n, const search *s)
{
    nca_error error;
    nca__torch_lister l = s->l;
    l.error = &error;
    nca__torch_list list = {0};
    nca__torch_network network;
    size_t found = 0;
    nca_status status = nca__torch_list_dictionary(&list, &l, object_at(s, n->object));
    if (status == NCA_OK) {
        status = nca__torch_networks(&found, &network, &list, l.file->name, &error);
    }
    nca__torch_list_free(&list);
    n->fits = status == NCA_OK && found > 0;
    if (status == NCA_OUT_OF_MEMORY) {
        *s->l.error = error;
        return status;
    }
    return NCA_OK;
}

/* The node under one of the usual keys of a checkpoint, or NO_PARENT. */
static uint32_t find_usual(const search *s, bool fitting)
{
    static const char *const usual[] = {"state_dict", "model_state_dict", "model"};
    for (size_t k = 0; k < sizeof usual / sizeof *usual; k++) {
        for (uint32_t i = 1; i < s->count && s->nodes[i].level == 1; i++) {
            const node *n = &s->nodes[i];
            if (n->in_dictionary && n->tensors > 0 && (!fitting || n->fits) &&
                object_at(s, n->object)->kind == NCA__PICKLE_DICT &&
                nca__pickle_is_text(object_at(s, n->key), usual[k])) {
                return i;
            }
        }
    }
    return NO_PARENT;
}

static nca_status fail_none(const search *s)
{
    const nca__pickle_object *root = object_at(s, s->l.pickle->root);
    const char *name = s->l.file->name;
    if (root->kind == NCA__PICKLE_INERT && root->inert.name != NULL) {
        return nca__fail(
            s->l.error, NCA_UNSUPPORTED,
            "%s: an object of \"%.*s.%.*s\", which only its own code can create; nothing was "
            "executed. Save only the state dict: torch.save(model.state_dict(), path)",
            name, (int)root->inert.module_length, root->inert.module, (int)root->inert.name_length,
            root->inert.name);
    }
    return nca__fail(s->l.error, NCA_FORMAT,
                     "%s: expected a dictionary of tensors, as written by "
                     "torch.save(model.state_dict(), path); found %s without tensors%s%s",
                     name, nca__pickle_kind_name(root->kind),
                     s->l.pickle->foreign[0] != 0 ? "; objects of these types were not read: " : "",
                     s->l.pickle->foreign);
}

static nca_status fail_several(const search *s, bool fitting)
{
    char list[400];
    list_paths(list, sizeof list, s, fitting);
    return nca__fail(
        s->l.error, NCA_FORMAT,
        "%s: %s: %s; save only the one to use: torch.save(torch.load(path)[KEY], \"new.pt\")",
        s->l.file->name,
        fitting ? "several keys contain an update network"
                : "several keys contain tensors, but none an update network",
        list);
}

/* Chooses the only dictionary that fits, else the only one with tensors, else the one under a usual
 * key (among those that fit, if any); if none fits, also the root. */
static nca_status choose(uint32_t *out, search *s)
{
    uint32_t fitting = 0, holding = 0, last_fitting = 0, last_holding = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        node *n = &s->nodes[i];
        if (n->tensors == 0 || object_at(s, n->object)->kind != NCA__PICKLE_DICT) {
            continue;
        }
        nca_status status = probe(n, s);
        if (status != NCA_OK) {
            return status;
        }
        holding++;
        last_holding = i;
        fitting += n->fits;
        last_fitting = n->fits ? i : last_fitting;
    }
    if (holding == 0) {
        return fail_none(s);
    }
    *out = fitting == 1 ? last_fitting : holding == 1 ? last_holding : find_usual(s, fitting > 0);
    const node *root = &s->nodes[0];
    if (*out == NO_PARENT && fitting == 0 && root->tensors > 0 &&
        object_at(s, root->object)->kind == NCA__PICKLE_DICT) {
        *out = 0;
    }
    return *out != NO_PARENT ? NCA_OK : fail_several(s, fitting > 0);
}

/* ---- The texts beside it ---------------------------------------------------------------------*/

/* A copy of a text, cleaned; NULL if the object is none or there is no memory. */
static char *copy_text(const nca__pickle_object *object)
{
    char *copy =
        object->kind == NCA__PICKLE_TEXT ? strndup(object->text.bytes, object->text.length) : NULL;
    if (copy != NULL) {
        nca__clean_text(copy);
    }
    return copy;
}

/* The texts in a dictionary; other values in it are ignored. */
static nca_status take_texts(nca_torch *file, const search *s, const nca__pickle_object *dictionary)
{
    const nca__pickle_link *links = s->l.pickle->links;
    size_t count = 0;
    for (uint32_t at = dictionary->chain.first; at != NCA__PICKLE_END; at = links[at].next) {
        count++;
    }
    file->texts = calloc(count + 1, sizeof *file->texts);
    for (uint32_t at = dictionary->chain.first; at != NCA__PICKLE_END && file->texts != NULL;
         at = links[at].next) {
        const nca__pickle_object *key = object_at(s, links[at].key);
        const nca__pickle_object *value = object_at(s, links[at].value);
        if (key->kind != NCA__PICKLE_TEXT || value->kind != NCA__PICKLE_TEXT) {
            continue;
        }
        nca__torch_text *text = &file->texts[file->text_count++];
        *text = (nca__torch_text){copy_text(key), copy_text(value)};
        if (text->key == NULL || text->value == NULL) {
            return nca__fail_memory(s->l.error, file->name, count * sizeof *text);
        }
    }
    return file->texts != NULL
               ? NCA_OK
               : nca__fail_memory(s->l.error, file->name, count * sizeof *file->texts);
}

static nca_status find_texts(nca_torch *file, const search *s, uint32_t taken)
{
    for (uint32_t i = 0; i < s->count; i++) {
        const node *n = &s->nodes[i];
        if (n->parent != NO_PARENT && n->parent == s->nodes[taken].parent && n->in_dictionary &&
            object_at(s, n->object)->kind == NCA__PICKLE_DICT &&
            nca__pickle_is_text(object_at(s, n->key), NCA__TORCH_METADATA)) {
            return take_texts(file, s, object_at(s, n->object));
        }
    }
    return NCA_OK;
}

nca_status nca__torch_list_pickle(nca_torch *file, const nca__pickle *pickle, const char *folder,
                                  size_t folder_length, nca_error *error)
{
    nca_error ignored; /* messages are extended by outer functions, so they need a buffer */
    search s = {.l = {file, pickle, folder, folder_length, error != NULL ? error : &ignored}};
    uint32_t taken = 0;
    nca_status status = walk(&s);
    if (status == NCA_OK) {
        status = choose(&taken, &s);
    }
    if (status == NCA_OK) {
        status =
            nca__torch_list_dictionary(&file->list, &s.l, object_at(&s, s.nodes[taken].object));
    }
    if (status == NCA_OK) {
        status = find_texts(file, &s, taken);
    }
    if (status == NCA_OK) {
        path_text(file->path, &s, taken);
        list_others(file->elsewhere, sizeof file->elsewhere, &s, taken);
        memcpy(file->foreign, pickle->foreign, sizeof file->foreign);
    }
    free(s.nodes);
    free(s.seen);
    return status;
}
