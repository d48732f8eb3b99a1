/* Values of the options of nca visualize. Knows nothing of models and files. */
#include "cli/model/visualize_options.h"

#include <string.h>
#include <strings.h>

static bool read_damage_shape(nca_growth *g, const char *text, size_t length)
{
    for (int i = 0; i < NCA_DAMAGE_COUNT; i++) {
        const char *name = nca_damage_name((nca_damage_shape)i);
        if (strlen(name) == length && strncasecmp(name, text, length) == 0) {
            g->damage_shape = (nca_damage_shape)i;
            return true;
        }
    }
    return false;
}

/* "every=50,shape=circle", in any order; a bare number is `every`. */
static bool read_damage(nca_growth *g, const option_values *given)
{
    const char *text = options_value(given, "damage");
    if (text == NULL) {
        return true;
    }
    uint64_t every = 0;
    bool good = true;
    for (const char *at = text; good && *at != 0;) {
        size_t length = strcspn(at, ",");
        const char *end = at + length;
        if (strncmp(at, "shape=", 6) == 0) {
            good = read_damage_shape(g, at + 6, length - 6);
        } else {
            good = parse_digits(&every, strncmp(at, "every=", 6) == 0 ? at + 6 : at) == end;
        }
        at = end + (*end == ',');
    }
    if (!good || every == 0 || every > UINT32_MAX) {
        complain_usage("--damage: expected every=N,shape=NAME, where NAME is one of circle, "
                       "half-plane, square, cells or mixed, found \"%s\"",
                       text);
        return false;
    }
    g->damage_every = (size_t)every;
    g->cut_at = 0; /* the user's damage instead of the fixed cut, and of a file's */
    g->tenths_of = 0;
    return true;
}

static bool read_filmstrip(nca_growth *g, const option_values *given)
{
    if (!options_has(given, "filmstrip")) {
        nca_growth_choose_strip_steps(g);
        return true;
    }
    if (!options_steps(g->strip_steps, &g->strip_count, NCA_GROWTH_MAX_FRAMES, given,
                       "filmstrip")) {
        return false;
    }
    size_t last = g->strip_steps[g->strip_count - 1];
    if (!options_has(given, "steps")) {
        g->steps = last;
    } else if (last > g->steps) {
        complain_usage("--filmstrip: step %zu is greater than --steps %zu", last, g->steps);
        return false;
    }
    return true;
}

static bool read_colour(nca_growth *g, const option_values *given)
{
    nca_error error;
    const char *text = options_value(given, "background");
    if (text != NULL && nca_colour_parse(&g->background, text, &error) != NCA_OK) {
        complain(&error);
        return false;
    }
    return true;
}

static bool read_view(nca_growth *g, const option_values *given)
{
    nca_error error;
    const char *text = options_value(given, "view");
    if (text != NULL && nca_view_parse(&g->view, text, &error) != NCA_OK) {
        complain_usage("--%s", error.message);
        return false;
    }
    return true;
}

bool visualize_options(nca_growth *g, const option_values *given)
{
    size_t threads = 0;
    if (!options_count(&g->steps, given, "steps", 1, 1000000) ||
        !options_number(&g->fps, given, "fps", 0.1, 100) ||
        !options_count(&g->scale, given, "scale", 1, 64) ||
        !options_u64(&g->options.seed, given, "seed") ||
        !options_count(&threads, given, "threads", 0, 1024) ||
        !options_size(&g->options.height, &g->options.width, given) || !read_damage(g, given) ||
        !read_colour(g, given) || !read_view(g, given) ||
        !options_kernels(&g->options.kernels, given) ||
        !options_precision(&g->options.precision, given)) {
        return false;
    }
    g->options.threads = (unsigned)threads;
    g->own_size = !options_has(given, "size");
    if (options_has(given, "steps")) {
        g->cut_at = g->cut_at > 0 ? g->steps / 2 : 0;
        g->tenths_of = g->tenths_of > 0 ? g->steps : 0;
    }
    return read_filmstrip(g, given);
}
