/* Options whose value is one of a few names. */
#include "cli/data/data_options.h"

#include <stdio.h>
#include <strings.h>

/* The index of the option's value among `count` names. */
static bool read_name(int *out, const option_values *given, const char *option_name,
                      const char *const *names, int count)
{
    const char *value = options_value(given, option_name);
    if (value == NULL) {
        return true;
    }
    char list[128];
    int length = 0;
    for (int i = 0; i < count; i++) {
        if (strcasecmp(names[i], value) == 0) {
            *out = i;
            return true;
        }
        const char *before = i == 0 ? "" : i + 1 < count ? ", " : " or ";
        length += snprintf(list + length, sizeof list - (size_t)length, "%s%s", before, names[i]);
    }
    complain_usage("--%s: expected one of %s, found \"%s\"", option_name, list, value);
    return false;
}

bool read_split_option(nca_split *out, const option_values *given)
{
    const char *names[NCA_SPLIT_COUNT];
    for (int i = 0; i < NCA_SPLIT_COUNT; i++) {
        names[i] = nca_split_name((nca_split)i);
    }
    int index = (int)*out;
    bool good = read_name(&index, given, "split", names, NCA_SPLIT_COUNT);
    *out = (nca_split)index;
    return good;
}

bool read_present_split(nca_split *out, const option_values *given, const nca_medmnist_info *info)
{
    int first = 0;
    while (first + 1 < NCA_SPLIT_COUNT && !info->present[first]) {
        first++;
    }
    *out = (nca_split)first;
    if (!read_split_option(out, given)) {
        return false;
    }
    if (!info->present[*out]) {
        complain_usage("--split: the file has no images in the split %s, but it has %s",
                       nca_split_name(*out), nca_split_name((nca_split)first));
        return false;
    }
    return true;
}

bool read_axis(nca_axis *out, const option_values *given)
{
    const char *names[NCA_AXIS_COUNT];
    for (int i = 0; i < NCA_AXIS_COUNT; i++) {
        names[i] = nca_axis_name((nca_axis)i);
    }
    int index = (int)*out;
    bool good = read_name(&index, given, "axis", names, NCA_AXIS_COUNT);
    *out = (nca_axis)index;
    return good;
}

bool read_colormap(nca_colormap *out, const option_values *given)
{
    const char *names[NCA_COLORMAP_COUNT];
    for (int i = 0; i < NCA_COLORMAP_COUNT; i++) {
        names[i] = nca_colormap_name((nca_colormap)i);
    }
    int index = (int)*out;
    bool good = read_name(&index, given, "colormap", names, NCA_COLORMAP_COUNT);
    *out = (nca_colormap)index;
    return good;
}
