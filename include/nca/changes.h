/* Settings that change while a training runs. The setting `changes` is a list in one text,
 *
 *     120 learning_rate 0.001, 300 fire_rate 0.6, 500 damage 0
 *
 * and says that from iteration 120 on, counted from 1 and before that iteration runs,
 * learning_rate is 0.001, and so on. learning_rate, fire_rate, damage and damage_shape can change,
 * within their ranges. Iterations ascend; of two entries of one iteration and one key the later
 * wins.
 *
 * nca_settings_set keeps the list normalised: one space between words, ", " between entries, keys
 * and values as nca_settings_get writes them, the entries of one iteration in the order of the keys
 * above, none twice. So equal lists are equal texts. 400 entries always fit. */
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

/* An entry of a list. */
typedef struct nca_change {
    uint32_t iteration; /* from this one on; 0: no entry */
    const nca_setting *setting;
    char value[NCA_CHANGE_VALUE_SIZE]; /* as nca_settings_get writes it */
} nca_change;

/* Whether a setting can change while a training runs. */
NCA_API bool nca_setting_can_change(const nca_setting *setting);

/* Walks through a list: begin with *at = settings.changes. False at its end, and at an entry that
 * nca_settings_set would refuse. */
NCA_API bool nca_change_next(nca_change *out_change, const char **at);

/* The settings as they are in effect in an iteration, counted from 1; in iteration 0, none of the
 * changes has come. `out_settings` keeps the list. */
NCA_API void nca_settings_in_effect(nca_settings *out_settings, const nca_settings *settings,
                                    uint64_t iteration);

/* Puts an entry into the list, behind those of its iteration and before later ones; one of the same
 * key in the same iteration is replaced. NCA_NOT_FOUND and NCA_INVALID_ARGUMENT as of
 * nca_settings_set, NCA_LIMIT when the list is full. */
NCA_API nca_status nca_settings_change(nca_settings *settings, uint64_t iteration, const char *key,
                                       const char *value, nca_error *error);

/* Whether two lists have the same entries up to iteration `until`. Where not, out_different (may be
 * NULL) gets the first entry of each that the other lacks; its iteration is 0 where there is none.
 */
NCA_API bool nca_changes_agree(nca_change out_different[2], const nca_settings *a,
                               const nca_settings *b, uint64_t until);

#ifdef __cplusplus
}
#endif
#endif
