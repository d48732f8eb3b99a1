/* Asks the operating system for the memory of the machine and of the control group. */
#include "base/machine_memory.h"

#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "nca/files.h"

/* The limit in a control group's file, or SIZE_MAX: version 2 writes "max" for none, version 1 a
 * number near 2^63. */
static size_t limit_in(const char *path)
{
    FILE *stream;
    if (nca_file_open(&stream, path, NULL) != NCA_OK) {
        return SIZE_MAX;
    }
    unsigned long long limit = 0;
    int found = fscanf(stream, "%20llu", &limit);
    fclose(stream);
    return found == 1 && limit > 0 && limit < SIZE_MAX ? (size_t)limit : SIZE_MAX;
}

size_t nca__machine_memory(void)
{
    size_t memory = SIZE_MAX;
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    size_t physical;
    if (pages > 0 && page > 0 && !__builtin_mul_overflow((size_t)pages, (size_t)page, &physical)) {
        memory = physical;
    }
    /* Inside a container the files of the group are at the root of the hierarchy. */
    static const char *const groups[] = {"/sys/fs/cgroup/memory.max",
                                         "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        size_t limit = limit_in(groups[i]);
        memory = limit < memory ? limit : memory;
    }
    return memory;
}
