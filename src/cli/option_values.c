/* Values of options: numbers, steps, sizes, kernel sets and precisions. */
#include "cli/option_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *parse_digits(uint64_t *out, const char *text)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value)) {
            return NULL;
        }
    }
    if (at == text) {
        return NULL;
    }
    *out = value;
    return at;
}

bool options_u64(uint64_t *out, const option_values *from, const char *name)
{
    const char *text = options_value(from, name);
    if (text == NULL) {
        return true;
    }
    uint64_t value;
    const char *end = parse_digits(&value, text);
    if (end == NULL || *end != 0) {
        complain_usage("--%s: expected an integer from 0 to 18446744073709551615, found \"%s\"",
                       name, text);
        return false;
    }
    *out = value;
    return true;
}

bool options_count(size_t *out, const option_values *from, const char *name, size_t least,
                   size_t most)
{
    const char *text = options_value(from, name);
    if (text == NULL) {
        return true;
    }
    uint64_t value;
    const char *end = parse_digits(&value, text);
    if (end == NULL || *end != 0 || value < least || value > most) {
        complain_usage("--%s: expected an integer from %zu to %zu, found \"%s\"", name, least, most,
                       text);
        return false;
    }
    *out = (size_t)value;
    return true;
}

bool options_number(double *out, const option_values *from, const char *name, double least,
                    double most)
{
    const char *text = options_value(from, name);
    if (text == NULL) {
        return true;
    }
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != 0 || !(value >= least && value <= most)) {
        complain_usage("--%s: expected a number from %g to %g, found \"%s\"", name, least, most,
                       text);
        return false;
    }
    *out = value;
    return true;
}

bool options_place(const option_values *from, const char *name)
{
    const char *path = options_value(from, name);
    if (path != NULL && strcmp(path, "-") != 0 && !nca_folder_has_place(path, ".")) {
        complain_usage("--%s: the folder of \"%s\" does not exist; create it first", name, path);
        return false;
    }
    return true;
}

bool options_kernels(const nca_kernels **out, const option_values *from)
{
    const char *name = options_value(from, "kernels");
    if (name == NULL || strcasecmp(name, "auto") == 0) {
        return true;
    }
    const nca_kernels *kernels = nca_kernels_named(name);
    if (kernels == NULL) {
        char sets[NCA_KERNELS_TEXT];
        nca_kernels_list(sets, sizeof sets);
        complain_usage("--kernels: this build has no kernel set \"%s\"; expected %s", name, sets);
        return false;
    }
    const char *missing = nca_kernels_missing(kernels);
    if (missing != NULL) {
        complain_usage("--kernels %s: needs %s, which this CPU does not have; remove the option",
                       name, missing);
        return false;
    }
    *out = kernels;
    return true;
}

/* int8 should be fast, but is not on every CPU. */
static void note_slow(nca_precision precision)
{
    const char *missing = nca_kernels_missing_for(nca_kernels_best(), NCA_PRECISION_INT8);
    if (precision == NCA_PRECISION_INT8 && missing != NULL) {
        note("--precision int8: this CPU has no %s, so int8 is much slower than fp32", missing);
    }
}

bool options_precision(nca_precision *out, const option_values *from)
{
    static const nca_precision forward[] = {NCA_PRECISION_FP32, NCA_PRECISION_INT8};
    const char *name = options_value(from, "precision");
    for (size_t i = 0; name != NULL && i < sizeof forward / sizeof *forward; i++) {
        if (strcasecmp(name, nca_precision_name(forward[i])) == 0) {
            *out = forward[i];
            note_slow(forward[i]);
            return true;
        }
    }
    if (name == NULL) {
        return true;
    }
    if (strncasecmp(name, "bf16", strlen("bf16")) == 0) {
        complain_usage("--precision: bf16 is for training only; expected fp32 or int8");
    } else {
        complain_usage("--precision: expected fp32 or int8, found \"%s\"", name);
    }
    return false;
}

bool options_steps(size_t *out, size_t *out_count, size_t most, const option_values *from,
                   const char *name)
{
    enum {
        MOST_STEPS = 1000000
    };
    const char *text = options_value(from, name);
    size_t count = 0;
    for (const char *at = text; at != NULL; at++) {
        uint64_t step;
        at = parse_digits(&step, at);
        bool rising = at != NULL && (count == 0 || step > out[count - 1]);
        if (!rising || (*at != ',' && *at != 0) || count == most || step > MOST_STEPS) {
            complain_usage("--%s: expected at most %zu step numbers up to %d in ascending order, "
                           "such as 0,20,40, found \"%s\"",
                           name, most, MOST_STEPS, text);
            return false;
        }
        out[count++] = (size_t)step;
        if (*at == 0) {
            *out_count = count;
            break;
        }
    }
    return true;
}

bool options_size(size_t *out_height, size_t *out_width, const option_values *from)
{
    const char *text = options_value(from, "size");
    if (text == NULL) {
        return true;
    }
    uint64_t height, width;
    const char *end = parse_digits(&height, text);
    width = height;
    if (end != NULL && (*end == 'x' || *end == 'X')) {
        end = parse_digits(&width, end + 1);
    }
    if (end == NULL || *end != 0 || height < 1 || width < 1 || height > NCA_MAX_SIDE ||
        width > NCA_MAX_SIDE) {
        complain_usage("--size: expected HxW or N, each from 1 to %d, found \"%s\"", NCA_MAX_SIDE,
                       text);
        return false;
    }
    *out_height = (size_t)height;
    *out_width = (size_t)width;
    return true;
}

bool options_device(nca_device *out, const option_values *from, nca_precision precision)
{
    const char *text = options_value(from, "device");
    if (text != NULL && !nca_device_parse(out, text)) {
        complain_usage(
            "--device: expected cpu, gpu, gpu:N, auto or opencl, found \"%s\"; `nca info "
            "--devices` lists what there is",
            shown(text));
        return false;
    }
    note_device(*out, precision);
    return true;
}
