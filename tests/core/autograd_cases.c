/* Reads fixtures/gradients.bin. The file belongs to the tests, so an error in it ends the test
 * program. */
#include "core/autograd_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    const uint32_t *words;
    size_t at, count;
} reader;

static const void *take(reader *r, size_t words)
{
    if (words > r->count - r->at) {
        fprintf(stderr, "gradients.bin ends too early\n");
        exit(2);
    }
    r->at += words;
    return r->words + r->at - words;
}

static uint32_t take_word(reader *r)
{
    return *(const uint32_t *)take(r, 1);
}

static float take_float(reader *r)
{
    return *(const float *)take(r, 1);
}

static autograd_case take_case(reader *r)
{
    autograd_case c = {0};

    c.height = take_word(r);
    c.width = take_word(r);
    c.automaton.channels = take_word(r);
    c.automaton.hidden = take_word(r);
    c.steps = take_word(r);
    c.batch = take_word(r);
    c.automaton.filter = (nca_filter)take_word(r);
    c.automaton.filter_count = take_word(r);
    c.automaton.boundary = (nca_boundary)take_word(r);
    c.loss = (nca_loss)take_word(r);
    c.automaton.output_bias = take_word(r) != 0;
    c.automaton.input_channels = take_word(r);
    c.automaton.alive_channel = (int32_t)take_word(r);
    c.iteration = take_word(r);
    c.seed = take_word(r);
    c.seed |= (uint64_t)take_word(r) << 32;
    c.automaton.angle_radians = take_float(r);
    c.automaton.fire_rate = take_float(r);
    c.automaton.step_size = take_float(r);
    c.automaton.alive_threshold = take_float(r);

    size_t states = c.batch * c.height * c.width * c.automaton.channels;
    size_t parameters = nca_parameter_count(&c.automaton);
    c.parameters = take(r, parameters);
    c.target = take(r, c.height * c.width * 4);
    c.initial = take(r, states);
    c.final = take(r, states);
    c.losses = take(r, c.batch);
    c.gradient = take(r, parameters);
    c.initial_gradient = take(r, states);
    return c;
}

autograd_cases autograd_cases_read(const char *path)
{
    autograd_cases cases = {0};
    reader r = {0};
    FILE *file = fopen(path, "rb");

    if (!file || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(2);
    }
    long size = ftell(file);
    rewind(file);
    cases.bytes = malloc((size_t)size);
    if (size % 4 != 0 || !cases.bytes ||
        fread(cases.bytes, 1, (size_t)size, file) != (size_t)size) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(2);
    }
    fclose(file);

    r.words = cases.bytes;
    r.count = (size_t)size / 4;
    if (memcmp(take(&r, 2), "NCAGRAD3", 8) != 0) {
        fprintf(stderr, "%s does not start with NCAGRAD3\n", path);
        exit(2);
    }
    cases.count = take_word(&r);
    cases.cases = calloc(cases.count, sizeof *cases.cases);
    for (size_t i = 0; cases.cases && i < cases.count; i++) {
        cases.cases[i] = take_case(&r);
    }
    if (!cases.cases || r.at != r.count) {
        fprintf(stderr, "%s has bytes after its last case\n", path);
        exit(2);
    }
    return cases;
}

void autograd_cases_free(autograd_cases *cases)
{
    free(cases->cases);
    free(cases->bytes);
    *cases = (autograd_cases){0};
}
