/* Reading rows. Knows nothing of what stands in them. */
#include "cli/row_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/stop.h"
#include "nca/files.h"

nca_status row_file_open(row_file *file, const char *path, nca_error *error)
{
    struct stat about;
    *file = (row_file){0};
    nca_status status = nca_file_open(&file->stream, path, error);
    if (status == NCA_OK && fstat(fileno(file->stream), &about) == 0) {
        file->inode = about.st_ino;
    }
    return status;
}

void row_file_close(row_file *file)
{
    if (file->stream != NULL) {
        fclose(file->stream);
    }
    file->stream = NULL;
}

/* Skips the rest of a line that is no row. A file of one line may be as large as a disk, so that a
 * signal is looked for on the way. */
static row_kind skip_line(FILE *stream)
{
    enum {
        CHARACTERS_BETWEEN_LOOKS = 1 << 16
    };
    int character;
    for (size_t count = 1; (character = getc_unlocked(stream)) != EOF && character != '\n';
         count++) {
        if (count % CHARACTERS_BETWEEN_LOOKS == 0 && stop_signal() != 0) {
            return ROW_END;
        }
    }
    return ferror(stream) ? ROW_ERROR : ROW_BAD;
}

row_kind row_file_next(row_file *file)
{
    size_t length = 0;
    errno = 0;
    for (;;) {
        const int character = getc_unlocked(file->stream);
        if (character == EOF) {
            file->text[length] = 0;
            return ferror(file->stream) ? ROW_ERROR : length > 0 ? ROW_CUT : ROW_END;
        }
        if (character == 0 || length + 1 == ROW_SIZE) {
            return skip_line(file->stream);
        }
        file->text[length++] = (char)character;
        if (character == '\n') {
            file->text[length] = 0;
            return ROW_WHOLE;
        }
    }
}

/* ---- Fields ----------------------------------------------------------------------------------*/

bool row_whole_number(uint64_t *out, const char **at, char end, uint64_t most)
{
    uint64_t value = 0;
    const char *digit = *at;
    for (; *digit >= '0' && *digit <= '9'; digit++) {
        const unsigned next = (unsigned)(*digit - '0');
        if (value > (most - next) / 10 || next > most) {
            return false;
        }
        value = value * 10 + next;
    }
    if (digit == *at || *digit != end) {
        return false;
    }
    *out = value;
    *at = digit + (end != 0);
    return true;
}

bool row_number(double *out, const char **at, char end)
{
    char *behind;
    if (isspace((unsigned char)**at)) {
        return false;
    }
    *out = strtod(*at, &behind);
    if (behind == *at || *behind != end) {
        return false;
    }
    *at = behind + (end != 0);
    return true;
}

nca_status row_file_fail(nca_error *error, const char *path)
{
    error->status = NCA_IO;
    snprintf(error->message, sizeof error->message, "%.900s: cannot be read: %s", path,
             strerror(errno));
    return error->status;
}
