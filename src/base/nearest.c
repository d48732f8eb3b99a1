/* Finds the name closest to a mistyped one (a setting, an option, a data set). */
#include "base/nearest.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum {
    LONGEST_KEY = 40 /* longer texts are not compared */
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The number of insertions, deletions, replacements and swaps of adjacent characters between two
 * names, by the usual dynamic programming over their prefixes, keeping three rows. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][LONGEST_KEY + 1];
    size_t length_a = strlen(a), length_b = strlen(b);
    assert(length_b <= LONGEST_KEY);
    for (size_t j = 0; j <= length_b; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= length_a; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= length_b; j++) {
            size_t replace =
                above[j - 1] + (nca__folded(a[i - 1]) != nca__folded(b[j - 1]) ? 1 : 0);
            row[j] = smaller(replace, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && nca__folded(a[i - 1]) == nca__folded(b[j - 2]) &&
                nca__folded(a[i - 2]) == nca__folded(b[j - 1])) {
                row[j] = smaller(row[j], two_above[j - 2] + 1);
            }
        }
    }
    return rows[length_a % 3][length_b];
}

static bool begins_with(const char *text, const char *beginning)
{
    while (*beginning != 0 && nca__folded(*text) == nca__folded(*beginning)) {
        text++;
        beginning++;
    }
    return *beginning == 0;
}

/* Lower is closer. A prefix ("iter") counts as one error. */
static size_t remoteness(const char *typed, const char *known)
{
    size_t distance = edit_distance(typed, known);
    size_t length = strlen(typed);
    if (length >= 3 && begins_with(known, typed)) {
        distance = smaller(distance, 1);
    }
    return distance;
}

const char *nca__nearest_name(const char *typed, const char *const *names, size_t count)
{
    size_t length = strlen(typed);
    if (length > LONGEST_KEY) {
        return NULL;
    }
    const char *nearest = NULL;
    size_t least = smaller(1 + length / 3, 4) + 1;
    for (size_t i = 0; i < count; i++) {
        size_t distance = names[i] == NULL || strlen(names[i]) > LONGEST_KEY
                              ? least
                              : remoteness(typed, names[i]);
        if (distance < least) {
            least = distance;
            nearest = names[i];
        }
    }
    return 2 * least < length ? nearest : NULL; /* at least half of the name must be right */
}
