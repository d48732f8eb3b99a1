/* Runs work in a child process that returns the result through a pipe. */
#include "cli/bench/bench_child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/stop.h"

static nca_status fail(nca_error *error, nca_status status, const char *what, const char *why)
{
    error->status = status;
    snprintf(error->message, sizeof error->message, "benchmark: %s: %s", what, why);
    return status;
}

static bool write_all(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, bytes, size);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        bytes += written > 0 ? written : 0;
        size -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

/* Returns the number of bytes before the end of the input. */
static size_t read_all(int file, char *bytes, size_t size)
{
    size_t count = 0;
    while (count < size) {
        ssize_t got = read(file, bytes + count, size - count);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            break;
        }
        count += got > 0 ? (size_t)got : 0;
    }
    return count;
}

/* _exit, because the child must not flush the parent's buffers or run its handlers. */
_Noreturn static void be_child(int file, void *out, size_t size, child_work *work,
                               const void *context)
{
    stop_unwatch();
    work(out, context);
    _exit(write_all(file, out, size) ? 0 : 1);
}

nca_status child_run(void *out, size_t size, size_t *out_peak_bytes, child_work *work,
                     const void *context, nca_error *error)
{
    int ends[2];
    void *copy = calloc(1, size);
    if (copy == NULL || pipe(ends) != 0) {
        free(copy);
        return fail(error, NCA_OUT_OF_MEMORY, "cannot start a child process", strerror(errno));
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        be_child(ends[1], copy, size, work, context);
    }
    close(ends[1]);
    size_t got = child < 0 ? 0 : read_all(ends[0], copy, size);
    close(ends[0]);
    int state = 0;
    struct rusage usage = {0};
    while (child >= 0 && wait4(child, &state, 0, &usage) < 0 && errno == EINTR) {
    }
    nca_status status = NCA_OK;
    char why[64];
    if (child < 0) {
        status = fail(error, NCA_OUT_OF_MEMORY, "cannot start a child process", strerror(errno));
    } else if (WIFSIGNALED(state)) {
        snprintf(why, sizeof why, "ended by signal %d (%s)", WTERMSIG(state),
                 strsignal(WTERMSIG(state)));
        status = fail(error, NCA_INTERRUPTED, "the child process failed", why);
    } else if (got != size) {
        snprintf(why, sizeof why, "exit code %d, no result", WEXITSTATUS(state));
        status = fail(error, NCA_IO, "the child process failed", why);
    } else {
        memcpy(out, copy, size);
        if (out_peak_bytes != NULL) {
            *out_peak_bytes = (size_t)usage.ru_maxrss * 1024;
        }
    }
    free(copy);
    return status;
}
