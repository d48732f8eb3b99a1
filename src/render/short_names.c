/* Labels for several things in one picture: their names without the common parts. */
#include "nca/picture.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_WORDS = 32
};

typedef struct words {
    const char *at[MOST_WORDS];
    size_t length[MOST_WORDS];
    size_t count;
} words;

/* The last word contains the rest of the name. */
static words split(const char *name)
{
    words w = {.count = 0};
    while (*name != 0) {
        const size_t length = w.count + 1 < MOST_WORDS ? strcspn(name, "_") : strlen(name);
        if (length > 0) {
            w.at[w.count] = name;
            w.length[w.count++] = length;
        }
        name += length + (name[length] == '_');
    }
    return w;
}

static bool is_same(const words *a, size_t i, const words *b, size_t k)
{
    return a->length[i] == b->length[k] && memcmp(a->at[i], b->at[k], a->length[i]) == 0;
}

/* The words that all names share, counted from the front and from the back, so that names of
 * different lengths can share words at either end. */
typedef struct shared {
    bool front[MOST_WORDS], back[MOST_WORDS];
} shared;

static shared find_shared(const char *const *names, size_t count)
{
    shared s;
    memset(&s, 1, sizeof s);
    const words first = split(names[0]);
    for (size_t n = 1; n < count; n++) {
        const words w = split(names[n]);
        const bool even = w.count == first.count;
        bool run_front = true, run_back = true; /* no difference so far, from that end */
        for (size_t i = 0; i < MOST_WORDS; i++) {
            const bool inside = i < w.count && i < first.count;
            const bool front = inside && is_same(&first, i, &w, i);
            const bool back = inside && is_same(&first, first.count - 1 - i, &w, w.count - 1 - i);
            run_front &= front;
            run_back &= back;
            s.front[i] &= even ? front : run_front;
            s.back[i] &= even ? back : run_back;
        }
    }
    return s;
}

static void append(char *out, const char *text, size_t length)
{
    const size_t used = strlen(out);
    snprintf(out + used, NCA_SHORT_NAME_SIZE - used, "%.*s", (int)length, text);
}

static void write_name(char *out, const words *w, const shared *s, size_t width)
{
    size_t line = 0;
    out[0] = 0;
    for (size_t i = 0; i < w->count; i++) {
        if (s->front[i] || s->back[w->count - 1 - i]) {
            continue;
        }
        if (out[0] != 0) {
            const bool fits = line + 1 + w->length[i] <= width;
            append(out, fits ? " " : "\n", 1);
            line = fits ? line + 1 : 0;
        }
        append(out, w->at[i], w->length[i]);
        line += w->length[i];
    }
}

static bool is_twice(char (*names)[NCA_SHORT_NAME_SIZE], size_t count, size_t which)
{
    for (size_t i = 0; i < count; i++) {
        if (i != which && strcmp(names[i], names[which]) == 0) {
            return true;
        }
    }
    return false;
}

void nca_picture_short_names(char (*out)[NCA_SHORT_NAME_SIZE], const char *const *names,
                             size_t count, size_t width)
{
    shared none;
    memset(&none, 0, sizeof none);
    const shared s = count > 1 ? find_shared(names, count) : none;
    for (size_t i = 0; i < count; i++) {
        const words w = split(names[i]);
        write_name(out[i], &w, &s, width);
    }
    /* If out of memory, names may be equal; that is the only consequence. */
    bool *numbered = calloc(count, sizeof *numbered);
    for (size_t i = 0; i < count && numbered != NULL; i++) {
        numbered[i] = out[i][0] == 0 || is_twice(out, count, i);
    }
    for (size_t i = 0; i < count && numbered != NULL; i++) {
        char text[NCA_SHORT_NAME_SIZE];
        if (numbered[i]) {
            snprintf(text, sizeof text, "%zu: %.120s", i + 1, out[i][0] == 0 ? names[i] : out[i]);
            memcpy(out[i], text, sizeof text);
        }
    }
    free(numbered);
}
