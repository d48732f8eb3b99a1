/* Reading rows and their fields. */
#include "runs/row_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "nca/files.h"

nca_status nca__row_file_open(nca__row_file *file, const char *path, nca_error *error)
{
    struct stat about;
    *file = (nca__row_file){0};
    nca_status status = nca_file_open(&file->stream, path, error);
    if (status == NCA_OK && fstat(fileno(file->stream), &about) == 0) {
        file->inode = about.st_ino;
    }
    return status;
}

void nca__row_file_close(nca__row_file *file)
{
    if (file->stream != NULL) {
        fclose(file->stream);
    }
    file->stream = NULL;
}

/* Skips the rest of an invalid line. A file with a single line may be as large as the disk, so
 * keep_going is called periodically. */
static nca__row_kind skip_line(nca__row_file *file)
{
    FILE *stream = file->stream;
    enum {
        CHARACTERS_BETWEEN_LOOKS = 1 << 16
    };
    int character;
    for (size_t count = 1; (character = getc_unlocked(stream)) != EOF && character != '\n';
         count++) {
        if (count % CHARACTERS_BETWEEN_LOOKS == 0 && file->keep_going != NULL &&
            !file->keep_going(file->user)) {
            return NCA__ROW_END;
        }
    }
    return ferror(stream) ? NCA__ROW_ERROR : NCA__ROW_BAD;
}

nca__row_kind nca__row_file_next(nca__row_file *file)
{
    size_t length = 0;
    errno = 0;
    for (;;) {
        const int character = getc_unlocked(file->stream);
        if (character == EOF) {
            file->text[length] = 0;
            return ferror(file->stream) ? NCA__ROW_ERROR : length > 0 ? NCA__ROW_CUT : NCA__ROW_END;
        }
        if (character == 0 || length + 1 == NCA__ROW_SIZE) {
            return skip_line(file);
        }
        file->text[length++] = (char)character;
        if (character == '\n') {
            file->text[length] = 0;
            return NCA__ROW_WHOLE;
        }
    }
}

/* ---- Fields ----------------------------------------------------------------------------------*/

bool nca__row_whole_number(uint64_t *out, const char **at, char end, uint64_t most)
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

bool nca__row_number(double *out, const char **at, char end)
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

nca_status nca__row_file_fail(nca_error *error, const char *path)
{
    return nca__fail(error, NCA_IO, "%.900s: cannot be read: %s", path, strerror(errno));
}
