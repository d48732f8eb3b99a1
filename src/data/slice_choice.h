/* Internal: the choice of a slice of a volume, after the "?" of a target's name. */
#ifndef NCA_DATA_SLICE_CHOICE_H
#define NCA_DATA_SLICE_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "nca/medmnist.h"

/* A part of a name, for a comparison or a message; truncated if it is long. */
typedef struct nca__piece {
    char text[64];
} nca__piece;
nca__piece nca__piece_of(const char *at, size_t length);

typedef struct nca__slice_choice {
    bool has_axis, has_slice;
    nca_axis axis;
    size_t slice;
} nca__slice_choice;

/* Parses "axis=y&slice=14", or one of the two, in any order. What is not given is unchanged in
 * *out. */
nca_status nca__slice_choice_parse(nca__slice_choice *out, const char *text, nca_error *error);

#endif
