/* Settings that change during training. The setting `changes` is a list in one string,
 *
 *     120 learning_rate 0.001, 300 fire_rate 0.6, 500 damage 0
 *
 * which says that from iteration 120 on, learning_rate is 0.001, and so on. Iterations count from
 * 1; a change takes effect before its iteration runs. learning_rate, fire_rate, damage and
 * damage_shape can change, within their ranges. Iterations are in ascending order. If an iteration
 * has two entries of one key, the later one wins.
 *
 * nca_settings_set keeps the list normalised: one space between words, ", " between entries, keys
 * and values as nca_settings_get writes them, the entries of an iteration in the order of the keys
 * above, no duplicates. Equal lists are therefore equal strings. 400 entries always fit. */
#ifndef NCA_CHANGES_H
#define NCA_CHANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/settings.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_CHANGE_VALUE_SIZE = 32
};

/* One entry of the list. */
typedef struct nca_change {
    uint32_t iteration; /* the first iteration with the value; 0: no entry */
    const nca_setting *setting;
    char value[NCA_CHANGE_VALUE_SIZE]; /* as nca_settings_get writes it */
} nca_change;

/* Whether a setting can change during training. */
NCA_API bool nca_setting_can_change(const nca_setting *setting);

/* Iterates over a list; start with *at = settings.changes. Returns false at the end and at an entry
 * that nca_settings_set would refuse. */
NCA_API bool nca_change_next(nca_change *out_change, const char **at);

/* The settings in effect in an iteration, counted from 1; iteration 0 is before all changes.
 * `out_settings` keeps the list. */
NCA_API void nca_settings_in_effect(nca_settings *out_settings, const nca_settings *settings,
                                    uint64_t iteration);

/* Adds an entry to the list, after the existing entries of its iteration; an entry with the same
 * iteration and key is replaced. Errors: NCA_NOT_FOUND and NCA_INVALID_ARGUMENT as for
 * nca_settings_set, NCA_LIMIT (the list is full). */
NCA_API nca_status nca_settings_change(nca_settings *settings, uint64_t iteration, const char *key,
                                       const char *value, nca_error *error);

/* Whether two lists have the same entries up to iteration `until`. If not, out_different (may be
 * NULL) gets, for each list, its first entry that the other does not have; an entry with iteration
 * 0 means that there is none. */
NCA_API bool nca_changes_agree(nca_change out_different[2], const nca_settings *a,
                               const nca_settings *b, uint64_t until);

#ifdef __cplusplus
}
#endif
#endif
