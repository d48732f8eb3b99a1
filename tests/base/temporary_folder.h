/* For tests: a new folder below TMPDIR that is removed with its contents. */
#ifndef NCA_TESTS_BASE_TEMPORARY_FOLDER_H
#define NCA_TESTS_BASE_TEMPORARY_FOLDER_H

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct temporary_folder {
    char path[512];
    char joined[1024];
} temporary_folder;

/* For cmocka_unit_test_setup_teardown; *state becomes the folder. */
static inline int make_temporary_folder(void **state)
{
    temporary_folder *folder = calloc(1, sizeof *folder);
    const char *parent = getenv("TMPDIR");
    if (folder == NULL) {
        return -1;
    }
    snprintf(folder->path, sizeof folder->path, "%s/nca-test-XXXXXX",
             parent != NULL && parent[0] != '\0' ? parent : "/tmp");
    *state = folder;
    return mkdtemp(folder->path) != NULL ? 0 : -1;
}

static inline int remove_one(const char *path, const struct stat *about, int kind,
                             struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    return remove(path);
}

static inline int remove_temporary_folder(void **state)
{
    temporary_folder *folder = *state;
    int result = nftw(folder->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(folder);
    return result;
}

/* "<folder>/<name>", valid until the next call. */
static inline const char *path_in(temporary_folder *folder, const char *name)
{
    snprintf(folder->joined, sizeof folder->joined, "%s/%s", folder->path, name);
    return folder->joined;
}

/* The number of entries of a folder; -1 if it cannot be read. */
static inline int count_entries(const char *path)
{
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return -1;
    }
    int count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(directory);
    return count;
}

#endif
