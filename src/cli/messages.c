/* Messages on standard error, the exit codes that go with them, the clock and the cores. */
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "cli/cli.h"

int complain(const nca_error *error)
{
    fprintf(stderr, "nca: %s\n", error->message);
    switch (error->status) {
    case NCA_INVALID_ARGUMENT:
    case NCA_MISMATCH:
    case NCA_EXISTS:
        return EXIT_USAGE;
    case NCA_DIVERGED:
        return EXIT_DIVERGED;
    default:
        return EXIT_FAILED;
    }
}

static void say(const char *format, va_list arguments)
{
    fputs("nca: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
}

int complain_usage(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
    return EXIT_USAGE;
}

void note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(format, arguments);
    va_end(arguments);
}

void note_device(nca_device device)
{
    if (device == NCA_DEVICE_CUDA || device == NCA_DEVICE_MPS) {
        note("device: there is no GPU backend yet; the CPU is used");
    }
}

unsigned losses_behind(const nca_model_info *info)
{
    enum {
        MEAN_WINDOW = 50
    }; /* nca_model_info.loss */
    return info->iterations < MEAN_WINDOW ? (unsigned)info->iterations : MEAN_WINDOW;
}

double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

unsigned core_count(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}
