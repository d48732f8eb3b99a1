/* See unnamed_file.h. */
#include "data/unnamed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

nca_status nca__unnamed_fail(nca_error *error, const char *what, int code)
{
    return nca__fail(error, NCA_IO,
                     "the temporary file for images over the memory limit cannot be %s: %s; free "
                     "some space or raise the limit",
                     what, strerror(code != 0 ? code : EIO));
}

static int create(const char *path)
{
    const char *slash = strrchr(path, '/');
    char folder[4096];
    int length = snprintf(folder, sizeof folder, "%.*s",
                          slash != NULL ? (int)(slash - path) + 1 : 1, slash != NULL ? path : ".");
    int file = -1;
#ifdef O_TMPFILE
    if (length > 0 && (size_t)length < sizeof folder) {
        file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    }
#endif
    if (file >= 0) {
        return file;
    }
    FILE *stream = tmpfile();
    if (stream == NULL) {
        return -1;
    }
    file = fcntl(fileno(stream), F_DUPFD_CLOEXEC, 0);
    fclose(stream);
    return file;
}

nca_status nca__unnamed_open(int *out_file, const char *path, nca_error *error)
{
    const int file = create(path);
    if (file < 0) {
        return nca__unnamed_fail(error, "created", errno);
    }
    *out_file = file;
    return NCA_OK;
}

nca_status nca__unnamed_append(int file, const uint8_t *bytes, size_t size, nca_error *error)
{
    while (size > 0) {
        ssize_t done = write(file, bytes, size);
        if (done < 0 && errno != EINTR) {
            return nca__unnamed_fail(error, "written", errno);
        }
        bytes += done > 0 ? done : 0;
        size -= done > 0 ? (size_t)done : 0;
    }
    return NCA_OK;
}
