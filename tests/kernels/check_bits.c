/* Checks that kernel sets give the bits of the scalar set: each kernel separately, then whole
 * rollouts, gradients and a small training.
 *
 *     check_bits [SET...]        all sets of this build if none is named
 *
 * Prints the digests, for comparing builds and CPUs. The exit code is 1 if bits differ, and 77,
 * which CTest counts as skipped, if a named set cannot run on this machine. */
#include <inttypes.h>
#include <stdio.h>

#include "backend/digests.h"
#include "kernels/compare_sets.h"

enum {
    SAME = 0,
    DIFFERENT = 1,
    SKIPPED = 77
};

static void print_digests(const digest digests[DIGESTS], const nca_kernels *set)
{
    for (size_t i = 0; i < DIGESTS; i++) {
        printf("digest %s %s %016" PRIx64 "\n", digests[i].name, set->name, digests[i].value);
    }
}

static int check_set(const nca_kernels *set, const digest expected[DIGESTS])
{
    const char *missing = set->missing();
    if (missing != NULL) {
        printf("%s: skipped, this processor lacks %s\n", set->name, missing);
        return SKIPPED;
    }
    const char *difference = difference_from_scalar(set);
    if (difference != NULL) {
        printf("%s: DIFFERS: %s\n", set->name, difference);
        return DIFFERENT;
    }
    digest found[DIGESTS];
    digests_compute(found, set);
    print_digests(found, set);
    for (size_t i = 0; i < DIGESTS; i++) {
        if (found[i].value != expected[i].value) {
            printf("%s: DIFFERS from scalar in %s, though no kernel does by itself\n", set->name,
                   found[i].name);
            return DIFFERENT;
        }
    }
    printf("%s: every kernel and every digest has the scalar set's bits\n", set->name);
    return SAME;
}

int main(int count, char **names)
{
    digest scalar[DIGESTS];
    int result = SAME;

    digests_compute(scalar, &nca__kernels_scalar);
    print_digests(scalar, &nca__kernels_scalar);
    if (count < 2) {
        for (size_t i = 1; nca_kernels_at(i) != NULL; i++) {
            const int found = check_set(nca_kernels_at(i), scalar);
            result = found == DIFFERENT ? DIFFERENT : result;
        }
        return result;
    }
    for (int i = 1; i < count && result == SAME; i++) {
        const nca_kernels *set = nca_kernels_named(names[i]);
        if (set == NULL) {
            printf("%s: skipped, this build has no such set\n", names[i]);
            return SKIPPED;
        }
        result = check_set(set, scalar);
    }
    return result;
}
