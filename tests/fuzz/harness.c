/* Shared by the fuzz harnesses; see harness.h. */
#include "fuzz/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

bool fuzz_accepted;

_Noreturn void fuzz_broken_promise(const char *file, int line, const char *promise)
{
    fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, promise);
    abort();
}

void fuzz_check_refusal(nca_status status, const nca_error *error, const char *name)
{
    char clean[NCA_ERROR_SIZE];
    memcpy(clean, error->message, sizeof clean);
    nca__clean_text(clean);
    if (status == NCA_OUT_OF_MEMORY || status == NCA_IO) {
        fprintf(stderr, "%s: %s\n", nca_status_name(status), clean);
    }
    FUZZ_CHECK(status == NCA_FORMAT || status == NCA_UNSUPPORTED || status == NCA_LIMIT ||
               status == NCA_NOT_FOUND || status == NCA_INVALID_ARGUMENT || status == NCA_MISMATCH);
    FUZZ_CHECK(error->status == status);
    FUZZ_CHECK(memchr(error->message, '\0', sizeof error->message) != NULL);
    FUZZ_CHECK(strncmp(error->message, name, strlen(name)) == 0);
    FUZZ_CHECK(strcmp(clean, error->message) == 0);
}

/* ---- Files -----------------------------------------------------------------------------------*/

const char *fuzz_file(const uint8_t *bytes, size_t size)
{
    static int descriptor = -1;
    static char path[64];
    if (descriptor < 0) {
        descriptor = memfd_create(FUZZ_NAME, MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    }
    FUZZ_CHECK(descriptor >= 0);
    FUZZ_CHECK(ftruncate(descriptor, 0) == 0);
    FUZZ_CHECK(pwrite(descriptor, bytes, size, 0) == (ssize_t)size);
    return path;
}

static char scratch_folder[256];
static char scratch_paths[FUZZ_SCRATCH_FILES][sizeof scratch_folder + 16];

static void remove_scratch(void)
{
    for (unsigned i = 0; i < FUZZ_SCRATCH_FILES; i++) {
        unlink(scratch_paths[i]);
    }
    rmdir(scratch_folder);
}

const char *fuzz_scratch(unsigned index)
{
    if (scratch_folder[0] == '\0') {
        const char *parent = getenv("TMPDIR");
        snprintf(scratch_folder, sizeof scratch_folder, "%s/nca-fuzz-XXXXXX",
                 parent != NULL && parent[0] != '\0' ? parent : "/tmp");
        FUZZ_CHECK(mkdtemp(scratch_folder) != NULL);
        for (unsigned i = 0; i < FUZZ_SCRATCH_FILES; i++) {
            snprintf(scratch_paths[i], sizeof scratch_paths[i], "%s/%u", scratch_folder, i);
        }
        atexit(remove_scratch);
    }
    FUZZ_CHECK(index < FUZZ_SCRATCH_FILES);
    return scratch_paths[index];
}

uint8_t *fuzz_read_scratch(unsigned index, size_t *out_size)
{
    uint8_t *bytes = NULL;
    FUZZ_CHECK(nca__file_read(&bytes, out_size, fuzz_scratch(index), (size_t)1 << 30, NULL) ==
               NCA_OK);
    return bytes;
}
