/* Writing under a temporary name, then renaming. */
#include "cli/text_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

nca_status text_file_save(const char *path, const char *text, nca_error *error)
{
    char temporary[PATH_SIZE + 8];
    snprintf(temporary, sizeof temporary, "%s.tmp", path);
    FILE *stream = fopen(temporary, "w");
    bool written = stream != NULL && fputs(text, stream) >= 0 && fflush(stream) == 0 &&
                   fsync(fileno(stream)) == 0;
    int code = errno;
    if (stream != NULL && fclose(stream) != 0 && written) {
        code = errno;
        written = false;
    }
    if (written && rename(temporary, path) == 0) {
        return NCA_OK;
    }
    code = written ? errno : code;
    unlink(temporary);
    error->status = NCA_IO;
    snprintf(error->message, sizeof error->message, "%.900s: cannot be written: %s", path,
             strerror(code));
    return NCA_IO;
}
