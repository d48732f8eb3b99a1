/* The engine of the page as a native program, for comparing its bits with those of the page:
 *
 *     native_engine STEPS < settings, then parameters > state
 *
 * Settings are those of web/engine/engine.h as 32-bit words; the grid grows from its seed. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/engine.h"

static void stop(const char *what)
{
    fprintf(stderr, "native_engine: %s\n", what);
    exit(1);
}

int main(int count, char **arguments)
{
    nca_web_choice *settings = nca_web_settings();
    if (count != 2 || fread(settings, sizeof *settings, 1, stdin) != 1) {
        stop("expected a number of steps, and settings on standard input");
    }
    const size_t bytes = nca_web_bytes();
    if (bytes == 0) {
        stop("these settings are not valid");
    }
    void *block = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (block == NULL) {
        stop("no memory");
    }
    for (size_t i = 0; i < bytes; i++) {
        ((unsigned char *)block)[i] = 0;
    }
    nca_web_open(block);
    const size_t parameters = nca_web_parameter_count();
    if (fread(nca_web_parameters(), sizeof(float), parameters, stdin) != parameters) {
        stop("expected more parameters");
    }
    nca_web_use_parameters();
    nca_web_seed();
    nca_web_run((uint32_t)strtoul(arguments[1], NULL, 10));
    nca_web_take();
    const size_t floats = (size_t)settings->height * settings->width * settings->channels;
    if (fwrite(nca_web_state(), sizeof(float), floats, stdout) != floats) {
        stop("standard output cannot be written");
    }
    free(block);
    return 0;
}
