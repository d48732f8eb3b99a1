/* A classifier as the page runs it, as a native program, for comparing its bits with those of the
 * page:
 *
 *     native_classes STEPS < input > output
 *
 * The input is settings, parameters, the settings of the read-out, head and image, the output
 * scores, probabilities and votes. Settings are those of web/engine/engine.h and
 * web/engine/classes.h. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/classes.h"
#include "engine/engine.h"

static void stop(const char *what)
{
    fprintf(stderr, "native_classes: %s\n", what);
    exit(1);
}

static void take(void *out, size_t size, size_t count)
{
    if (fread(out, size, count, stdin) != count) {
        stop("expected more on standard input");
    }
}

static void give(const void *from, size_t size, size_t count)
{
    if (fwrite(from, size, count, stdout) != count) {
        stop("standard output cannot be written");
    }
}

static void *block_of(size_t bytes)
{
    void *block = bytes > 0 ? aligned_alloc(64, (bytes + 63) / 64 * 64) : NULL;
    if (block == NULL) {
        stop("these settings are not valid, or there is no memory");
    }
    return memset(block, 0, bytes);
}

int main(int count, char **arguments)
{
    nca_web_choice *settings = nca_web_settings();
    nca_web_readout *readout = nca_classes_settings();
    take(settings, sizeof *settings, 1);
    void *engine = block_of(nca_web_bytes());
    nca_web_open(engine);
    take(nca_web_parameters(), sizeof(float), nca_web_parameter_count());
    nca_web_use_parameters();
    take(readout, sizeof *readout, 1);
    void *classes = block_of(nca_classes_bytes());
    nca_classes_open(classes);
    take(nca_classes_head(), sizeof(float),
         (size_t)readout->head_outputs * (readout->head_inputs + 1));
    const size_t cells = (size_t)settings->height * settings->width;
    take(nca_classes_image(), settings->input_channels, cells);

    const size_t floats = cells * settings->channels;
    nca_classes_begin();
    memcpy(nca_web_state(), nca_classes_state(), floats * sizeof(float));
    nca_web_put();
    nca_web_run((uint32_t)strtoul(count > 1 ? arguments[1] : "0", NULL, 10));
    nca_web_take();
    memcpy(nca_classes_state(), nca_web_state(), floats * sizeof(float));
    nca_classes_measure();
    nca_classes_vote();
    give(nca_classes_scores(), sizeof(double), readout->classes);
    give(nca_classes_probabilities(), sizeof(double), readout->classes);
    give(nca_classes_votes(), 2, cells);
    free(engine);
    free(classes);
    return 0;
}
