/* The choice of a slice of a volume: the text after the "?" of a target's name. */
#include "data/slice_choice.h"

#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

nca__piece nca__piece_of(const char *at, size_t length)
{
    nca__piece found = {""};
    if (length < sizeof found.text) {
        memcpy(found.text, at, length);
    } else {
        memcpy(found.text, at, sizeof found.text - 4);
        memcpy(found.text + sizeof found.text - 4, "...", 4);
    }
    return found;
}

/* "axis=z" or "slice=14". */
static nca_status parse_choice(nca__slice_choice *out, const char *at, size_t length,
                               nca_error *error)
{
    const nca__piece text = nca__piece_of(at, length);
    uint64_t slice;
    if (strncmp(text.text, "axis=", 5) == 0) {
        for (unsigned axis = 0; axis < NCA_AXIS_COUNT; axis++) {
            if (strcmp(text.text + 5, nca_axis_name((nca_axis)axis)) == 0) {
                out->axis = (nca_axis)axis;
                out->has_axis = true;
                return NCA_OK;
            }
        }
        return nca__fail(error, NCA_INVALID_ARGUMENT, "expected the axis z, y or x, found \"%s\"",
                         text.text + 5);
    }
    if (strncmp(text.text, "slice=", 6) == 0) {
        if (nca__parse_u64(text.text + 6, &slice) && slice <= SIZE_MAX) {
            out->slice = (size_t)slice;
            out->has_slice = true;
            return NCA_OK;
        }
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "expected the number of a slice, counted from 0, found \"%s\"",
                         text.text + 6);
    }
    const char *hint = strncmp(text.text, "size=", 5) == 0
                           ? "; another size is part of the set's name, medmnist:breastmnist_64/..."
                           : "";
    return nca__fail(
        error, NCA_INVALID_ARGUMENT,
        "expected axis=z, axis=y, axis=x or slice=NUMBER after the \"?\", found \"%s\"%s",
        text.text, hint);
}

nca_status nca__slice_choice_parse(nca__slice_choice *out, const char *text, nca_error *error)
{
    for (;;) {
        size_t length = strcspn(text, "&");
        nca_status status = parse_choice(out, text, length, error);
        if (status != NCA_OK || text[length] == 0) {
            return status;
        }
        text += length + 1;
    }
}
