/* Internal: the pairs of a settings file or of a sweep file; all are read from YAML before any is
 * applied.
 *
 * In a settings file a key has one value. In a sweep file it may have a list, which becomes one
 * pair for each value, and there are two more keys: `seeds`, and `runs`, a list of mappings, each
 * of which is a separate block. */
#ifndef NCA_CONFIG_YAML_PAIRS_H
#define NCA_CONFIG_YAML_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "nca/settings.h"

enum {
    NCA__LARGEST_YAML = 1 << 20, /* bytes */
    NCA__MOST_PAIRS = 1 << 12
};

typedef struct nca__pair {
    const nca_setting *setting; /* NULL: the key `seeds` of a sweep */
    char *value;
    unsigned long line; /* of the value; 0: from an option rather than the file */
    bool quoted;
    bool alias;   /* the key was given by its alias */
    size_t block; /* 0: the outermost mapping; n: the n-th mapping of `runs` */
} nca__pair;

typedef struct nca__pairs {
    const char *name; /* for messages; borrowed */
    nca__pair *items; /* in the order of the file */
    size_t count, capacity;
    size_t blocks; /* number of mappings in `runs` */
} nca__pairs;

/* Reads text into zeroed pairs; release with nca__pairs_free, also after a failure. A key may
 * appear once in a block. Errors name the file and line, and what was expected and found. */
nca_status nca__pairs_read(nca__pairs *pairs, const char *text, size_t size, const char *name,
                           bool sweep, nca_error *error);
/* Appends a copy of a value. */
nca_status nca__pairs_add(nca__pairs *pairs, const nca_setting *setting, const char *value,
                          nca_error *error);
void nca__pairs_free(nca__pairs *pairs);

/* Applies one pair for each setting (`seeds` is not one of them) to `settings`, starting with the
 * recipe, wherever it is. On failure `settings` may be partly changed. `error` must not be NULL. */
nca_status nca__pairs_apply(nca_settings *settings, const nca__pair *const *chosen, size_t count,
                            const char *name, nca_error *error);

#endif
