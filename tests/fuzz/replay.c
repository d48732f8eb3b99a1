/* Replays a corpus with an ordinary compiler: runs a harness on every file of a folder.
 *
 *   replay_READER FILE-OR-FOLDER...
 *
 * The name of a file may determine the expected result: "good-..." must be accepted, "bad-..." must
 * be refused; for other names only the checks of the harness must hold. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "fuzz/harness.h"

typedef struct tally {
    size_t files, accepted, wrong;
} tally;

static bool begins(const char *name, const char *with)
{
    return strncmp(name, with, strlen(with)) == 0;
}

static void replay_file(tally *count, const char *path, const char *name)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    nca_error error = {0};
    if (nca__file_read(&bytes, &size, path, (size_t)1 << 24, &error) != NCA_OK) {
        fprintf(stderr, "FAILED: %s\n", error.message);
        count->wrong++;
        return;
    }
    /* A buffer of exactly this size, so that a sanitizer detects accesses beyond it. */
    uint8_t *exact = malloc(size > 0 ? size : 1);
    FUZZ_CHECK(exact != NULL);
    memcpy(exact, bytes, size);
    free(bytes);
    /* Printed before the run: after a crash, the last line names the file. */
    printf("%s: ", path);
    fflush(stdout);
    fuzz_accepted = false;
    LLVMFuzzerTestOneInput(exact, size);
    printf("%s\n", fuzz_accepted ? "accepted" : "refused");
    free(exact);
    count->files++;
    count->accepted += fuzz_accepted;
    if ((begins(name, "good-") && !fuzz_accepted) || (begins(name, "bad-") && fuzz_accepted)) {
        fprintf(stderr, "FAILED: %s was %s\n", path, fuzz_accepted ? "accepted" : "refused");
        count->wrong++;
    }
}

static void replay_folder(tally *count, const char *path)
{
    struct dirent **entries = NULL;
    int found = scandir(path, &entries, NULL, alphasort);
    FUZZ_CHECK(found >= 0);
    for (int i = 0; i < found; i++) {
        char inside[4096];
        snprintf(inside, sizeof inside, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') {
            replay_file(count, inside, entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
}

int main(int argument_count, char **arguments)
{
    tally count = {0};
    for (int i = 1; i < argument_count; i++) {
        struct stat about;
        const char *slash = strrchr(arguments[i], '/');
        if (stat(arguments[i], &about) == 0 && S_ISDIR(about.st_mode)) {
            replay_folder(&count, arguments[i]);
        } else {
            replay_file(&count, arguments[i], slash != NULL ? slash + 1 : arguments[i]);
        }
    }
    printf("%zu files, %zu accepted, %zu wrong\n", count.files, count.accepted, count.wrong);
    /* A missing corpus must not count as a success. */
    return count.files == 0 || count.wrong > 0;
}
