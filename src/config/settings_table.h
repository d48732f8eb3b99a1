/* Internal to the settings: the place of a setting in nca_settings, in addition to its public
 * row. */
#ifndef NCA_CONFIG_SETTINGS_TABLE_H
#define NCA_CONFIG_SETTINGS_TABLE_H

#include <stddef.h>

#include "base/nearest.h"
#include "nca/settings.h"

typedef enum nca__setting_kind {
    NCA__KIND_BOOL,
    NCA__KIND_U32,
    NCA__KIND_I32,
    NCA__KIND_U64,
    NCA__KIND_BYTES,  /* a U64 that accepts units */
    NCA__KIND_NUMBER, /* float */
    NCA__KIND_CHOICE, /* enum, stored as its index into the choices */
    NCA__KIND_TEXT,   /* char array */
    NCA__KIND_CHANGES /* char array with a list of changes */
} nca__setting_kind;

typedef struct nca__setting_place {
    nca__setting_kind kind;
    size_t offset, size;
} nca__setting_place;

/* `setting` must be a row of the table. */
size_t nca__setting_index(const nca_setting *setting);
nca__setting_place nca__setting_place_of(const nca_setting *setting);

/* Whether the text is the setting's key rather than its alias; '-' and '_' are equivalent. */
bool nca__is_key_of(const nca_setting *setting, const char *text);

/* Untrusted text for a message: truncated, and without control characters. */
typedef struct nca__shown {
    char text[64];
} nca__shown;
nca__shown nca__show(const char *text);

/* "an integer from 1 to 65536", "one of sobel, scharr": the valid values of this setting. */
void nca__setting_expectation(char *out, size_t size, const nca_setting *setting);

/* Implements nca_settings_set for a given setting. */
nca_status nca__setting_set(nca_settings *settings, const nca_setting *setting, const char *value,
                            nca_error *error);

/* Normalises a list of changes and stores it in a field, which is unchanged if the list is refused.
 * `text` may be the field. */
nca_status nca__changes_set(char field[NCA_CHANGES_SIZE], const char *text, nca_error *error);

/* Whether the field is a char array. */
static inline bool nca__is_text(nca__setting_kind kind)
{
    return kind == NCA__KIND_TEXT || kind == NCA__KIND_CHANGES;
}

/* Whether a target is an image of MedMNIST, and the update of img_size and padding when the target
 * has changed. */
bool nca__is_medmnist(const char *target_path);
/* Replaces the default recipe of another task by that of this task. */
void nca__settings_follow_task(nca_settings *settings, nca_task task);
void nca__settings_follow_target(nca_settings *settings, bool was_medmnist);

/* Fails with NCA_NOT_FOUND and a message that names the nearest known key. */
nca_status nca__unknown_setting(const char *key, nca_error *error);

#endif
