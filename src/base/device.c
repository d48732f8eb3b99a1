/* Devices as values and as text. */
#include "nca/device.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {"cpu", "cuda", "mps", "auto", "gpu", "opencl"};
_Static_assert(sizeof names / sizeof *names == NCA_DEVICE_COUNT, "a name a kind");

enum {
    KIND_BITS = NCA_DEVICE_NUMBER - 1
};

nca_device nca_device_kind(nca_device device)
{
    const unsigned kind = (unsigned)device & KIND_BITS;
    const unsigned all = (unsigned)NCA_DEVICE_STRICT | (NCA_DEVICE_STRICT - 1);
    return kind < NCA_DEVICE_COUNT && (unsigned)device <= all ? (nca_device)kind : NCA_DEVICE_COUNT;
}

static unsigned places(nca_device device)
{
    return ((unsigned)device & (NCA_DEVICE_STRICT - 1)) / NCA_DEVICE_NUMBER;
}

size_t nca_device_number(nca_device device)
{
    return places(device) > 0 ? places(device) - 1 : 0;
}

bool nca_device_is_strict(nca_device device)
{
    return ((unsigned)device & NCA_DEVICE_STRICT) != 0;
}

size_t nca_device_text(char out[NCA_DEVICE_TEXT], nca_device device)
{
    const nca_device kind = nca_device_kind(device);
    const char *strict = nca_device_is_strict(device) ? "!" : "";
    if (kind == NCA_DEVICE_COUNT) {
        return (size_t)snprintf(out, NCA_DEVICE_TEXT, "none");
    }
    if (places(device) == 0) {
        return (size_t)snprintf(out, NCA_DEVICE_TEXT, "%s%s", names[kind], strict);
    }
    return (size_t)snprintf(out, NCA_DEVICE_TEXT, "%s:%u%s", names[kind], places(device) - 1,
                            strict);
}

/* The number in text[0..length-1]; false if it is none or too large. */
static bool parse_number(unsigned *out, const char *text, size_t length)
{
    unsigned number = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        number = 10 * number + (unsigned)(text[i] - '0');
        if (number >= NCA_DEVICE_NUMBERS) {
            return false;
        }
    }
    *out = number;
    return length > 0;
}

bool nca_device_parse(nca_device *out, const char *text)
{
    size_t length = strlen(text);
    unsigned value = 0;
    if (length > 0 && text[length - 1] == '!') {
        value |= NCA_DEVICE_STRICT;
        length--;
    }
    const char *colon = memchr(text, ':', length);
    const size_t name = colon != NULL ? (size_t)(colon - text) : length;
    unsigned kind = length == 0 ? NCA_DEVICE_AUTO : 0;
    while (length > 0 && kind < NCA_DEVICE_COUNT &&
           (strlen(names[kind]) != name || memcmp(names[kind], text, name) != 0)) {
        kind++;
    }
    unsigned number = 0;
    if (kind == NCA_DEVICE_COUNT ||
        (colon != NULL &&
         (kind == NCA_DEVICE_AUTO || !parse_number(&number, colon + 1, length - name - 1)))) {
        return false;
    }
    /* There is one CPU: PyTorch's cpu:0 is cpu. */
    value |= kind;
    if (colon != NULL && kind != NCA_DEVICE_CPU) {
        value += (number + 1) * NCA_DEVICE_NUMBER;
    }
    *out = (nca_device)value;
    return true;
}
