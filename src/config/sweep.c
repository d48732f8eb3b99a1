/* Sweeps: from the pairs of a file to the settings of every run. sweep_names.c names the runs. */
#include "nca/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/fnv1a.h"
#include "base/number.h"
#include "config/settings_table.h"
#include "config/sweep_plan.h"
#include "config/yaml_pairs.h"

enum {
    MOST_SEEDS = 1000
};

/* The values of a key in one product. */
typedef struct list {
    const nca_setting *setting; /* NULL: seeds */
    const nca__pair *const *values;
    size_t count;
} list;

typedef struct builder {
    nca_sweep *sweep;
    const nca__pairs *file, *overrides;
    const nca__pair **values; /* the values of all lists of the product, one after the other */
    list lists[NCA__MOST_AXES + 1];
    size_t list_count;
    uint64_t seeds;       /* 0: not given */
    bool warmup_is_short; /* for the settings that are being added */
    size_t total;         /* number of runs of all products so far, including duplicates */
    nca_error *error;
} builder;

bool nca__same_value(const nca_settings *a, const nca_settings *b, const nca_setting *setting)
{
    nca__setting_place place = nca__setting_place_of(setting);
    const char *in_a = (const char *)a + place.offset, *in_b = (const char *)b + place.offset;
    return nca__is_text(place.kind) ? strncmp(in_a, in_b, place.size) == 0
                                    : memcmp(in_a, in_b, place.size) == 0;
}

/* FNV-1a over all values. */
static uint64_t hash_settings(const nca_settings *settings)
{
    uint64_t hash = NCA__FNV1A_START;
    for (size_t i = 0; i < nca_setting_count(); i++) {
        nca__setting_place place = nca__setting_place_of(nca_setting_at(i));
        const char *at = (const char *)settings + place.offset;
        size_t size = nca__is_text(place.kind) ? strnlen(at, place.size) : place.size;
        hash = nca__fnv1a(hash, at, size);
    }
    return hash;
}

static bool same_settings(const nca_settings *a, const nca_settings *b)
{
    for (size_t i = 0; i < nca_setting_count(); i++) {
        if (!nca__same_value(a, b, nca_setting_at(i))) {
            return false;
        }
    }
    return true;
}

/* ---- The keys and values of a product -------------------------------------------------------- */

static void mention(nca_sweep *sweep, const nca__pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        const nca_setting *setting = pairs->items[i].setting;
        bool known = setting == NULL;
        for (size_t k = 0; k < sweep->mentioned_count && !known; k++) {
            known = sweep->mentioned[k] == setting;
        }
        if (!known) {
            sweep->mentioned[sweep->mentioned_count++] = setting;
        }
    }
}

/* Appends the values of a key in one block; returns their number. */
static size_t gather(const nca__pair **out, const nca__pairs *pairs, const nca_setting *setting,
                     size_t block)
{
    size_t count = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        if (pairs->items[i].setting == setting && pairs->items[i].block == block) {
            out[count++] = &pairs->items[i];
        }
    }
    return count;
}

/* An option takes precedence over the block, and the block over the outermost mapping. */
static list find_list(const nca__pair **out, const builder *b, const nca_setting *setting,
                      size_t block)
{
    list found = {setting, out, gather(out, b->overrides, setting, 0)};
    if (found.count == 0) {
        found.count = gather(out, b->file, setting, block);
    }
    if (found.count == 0 && block > 0) {
        found.count = gather(out, b->file, setting, 0);
    }
    return found;
}

static nca_status refuse(const builder *b, const nca__pair *at, const char *key, const char *why)
{
    nca__fail(b->error, NCA_INVALID_ARGUMENT, "%s: %s", key, why);
    return at->line > 0
               ? nca__fail_in(b->error, NCA_INVALID_ARGUMENT, "%s:%lu", b->file->name, at->line)
               : NCA_INVALID_ARGUMENT;
}

static nca_status read_seeds(builder *b, const list *seeds, const list *seed)
{
    b->seeds = 0;
    if (seeds->count == 0) {
        return NCA_OK;
    }
    const nca__pair *first = seeds->values[0];
    if (seeds->count > 1 || !nca__parse_u64(first->value, &b->seeds) || b->seeds == 0 ||
        b->seeds > MOST_SEEDS) {
        char why[160];
        snprintf(why, sizeof why,
                 "expected the number of seeds, 1 to %d, found %s%s%s; write a list of seeds under "
                 "the key seed",
                 MOST_SEEDS, seeds->count > 1 ? "" : "\"",
                 seeds->count > 1 ? "a list" : nca__show(first->value).text,
                 seeds->count > 1 ? "" : "\"");
        return refuse(b, first, "seeds", why);
    }
    if (seed->count > 1) {
        return refuse(b, first, "seeds",
                      "cannot be combined with a list of seed; keep one of the two");
    }
    return NCA_OK;
}

/* Each run has its own folder, with fixed file names. */
static nca_status check_outputs(const builder *b, const list *of)
{
    if (strcmp(of->setting->group, "output") != 0) {
        return NCA_OK;
    }
    if (strcmp(of->setting->key, "output") != 0) {
        return refuse(b, of->values[0], of->setting->key,
                      "all runs would write the same file; remove this setting: each run writes "
                      "its own file in its own folder");
    }
    return of->count == 1 && of->values[0]->block == 0
               ? NCA_OK
               : refuse(b, of->values[0], "output",
                        "expected one folder for the whole sweep; each run gets a subfolder of it");
}

static nca_status collect_lists(builder *b, size_t block)
{
    const nca__pair **next = b->values;
    list seed = {0};
    b->list_count = 0;
    for (size_t i = 0; i < b->sweep->mentioned_count; i++) {
        list found = find_list(next, b, b->sweep->mentioned[i], block);
        if (found.count == 0) {
            continue;
        }
        next += found.count;
        nca_status status = check_outputs(b, &found);
        if (status != NCA_OK) {
            return status;
        }
        if (strcmp(found.setting->key, "seed") == 0) {
            seed = found;
        } else {
            b->lists[b->list_count++] = found;
        }
    }
    if (seed.count > 0) {
        b->lists[b->list_count++] = seed; /* changes fastest */
    }
    list seeds = find_list(next, b, NULL, block);
    return read_seeds(b, &seeds, &seed);
}

/* ---- The product -----------------------------------------------------------------------------*/

static nca_status add_run(builder *b, const nca_settings *settings)
{
    nca_sweep *sweep = b->sweep;
    const uint64_t hash = hash_settings(settings);
    for (size_t i = 0; i < sweep->count; i++) {
        if (sweep->runs[i]->hash == hash && same_settings(&sweep->runs[i]->settings, settings)) {
            return NCA_OK;
        }
    }
    if (sweep->count == sweep->capacity) {
        size_t capacity = 2 * sweep->capacity + 16;
        nca__sweep_run **grown = realloc(sweep->runs, capacity * sizeof *grown);
        if (grown == NULL) {
            return nca__fail_memory(b->error, b->file->name, capacity * sizeof *grown);
        }
        sweep->runs = grown;
        sweep->capacity = capacity;
    }
    nca__sweep_run *run = calloc(1, sizeof *run);
    if (run == NULL) {
        return nca__fail_memory(b->error, b->file->name, sizeof *run);
    }
    run->settings = *settings;
    run->hash = hash;
    for (size_t i = 0; i < b->list_count; i++) {
        run->given[nca__setting_index(b->lists[i].setting)] = true;
    }
    sweep->runs[sweep->count++] = run;
    sweep->short_warmups += b->warmup_is_short;
    return NCA_OK;
}

static bool is_chosen(const builder *b, const char *key)
{
    const nca_setting *setting = nca_setting_named(key);
    for (size_t i = 0; i < b->list_count; i++) {
        if (b->lists[i].values[0]->setting == setting) {
            return true;
        }
    }
    return false;
}

/* Adds the runs of one combination of values, one for each seed. */
static nca_status add_choice(builder *b, const size_t *at)
{
    const nca__pair *chosen[NCA__MOST_AXES];
    for (size_t i = 0; i < b->list_count; i++) {
        chosen[i] = b->lists[i].values[at[i]];
    }
    nca_settings settings;
    nca_settings_default(&settings);
    nca_status status = nca__pairs_apply(&settings, chosen, b->list_count, b->file->name, b->error);
    if (status == NCA_OK) {
        nca_settings_await_epochs(&settings);
    }
    if (status == NCA_OK && !is_chosen(b, "decay_at")) {
        nca_settings_fit_decay(&settings);
    }
    if (status == NCA_OK && !is_chosen(b, "extension")) {
        nca_settings_fit_extension(&settings);
    }
    b->warmup_is_short =
        status == NCA_OK && !is_chosen(b, "warmup") && nca_settings_fit_warmup(&settings);
    uint64_t first = settings.seed, count = b->seeds > 0 ? b->seeds : 1;
    if (status == NCA_OK && count - 1 > UINT64_MAX - first) {
        return nca__fail(b->error, NCA_INVALID_ARGUMENT,
                         "%s: seeds: %llu is too large a first seed for %llu seeds", b->file->name,
                         (unsigned long long)first, (unsigned long long)count);
    }
    for (uint64_t i = 0; i < count && status == NCA_OK; i++) {
        settings.seed = first + i;
        status = add_run(b, &settings);
    }
    return status;
}

/* The runs are counted before any is created, so that a small file cannot cause much work. */
static nca_status count_product(builder *b)
{
    size_t product = b->seeds > 0 ? (size_t)b->seeds : 1;
    bool fits = product <= NCA_SWEEP_MAX_RUNS;
    for (size_t i = 0; i < b->list_count && fits; i++) {
        fits = !__builtin_mul_overflow(product, b->lists[i].count, &product) &&
               product <= NCA_SWEEP_MAX_RUNS;
    }
    b->total += fits ? product : 0;
    if (!fits || b->total > NCA_SWEEP_MAX_RUNS) {
        return nca__fail(b->error, NCA_LIMIT,
                         "%s: expands to more than %d runs; shorten its lists or split it",
                         b->file->name, NCA_SWEEP_MAX_RUNS);
    }
    return NCA_OK;
}

static nca_status add_product(builder *b, size_t block)
{
    nca_status status = collect_lists(b, block);
    if (status == NCA_OK) {
        status = count_product(b);
    }
    /* An odometer whose last list changes fastest. */
    size_t at[NCA__MOST_AXES] = {0};
    while (status == NCA_OK) {
        status = add_choice(b, at);
        size_t turning = b->list_count;
        while (turning > 0 && ++at[turning - 1] == b->lists[turning - 1].count) {
            at[--turning] = 0;
        }
        if (turning == 0) {
            break;
        }
    }
    return status;
}

static nca_status check_runs(const builder *b)
{
    const nca_sweep *sweep = b->sweep;
    for (size_t i = 0; i < sweep->count; i++) {
        nca_status status = nca_settings_check(&sweep->runs[i]->settings, b->error);
        if (status != NCA_OK) {
            return nca__fail_in(b->error, status, "%s: run %s", b->file->name,
                                sweep->runs[i]->name);
        }
    }
    return NCA_OK;
}

static nca_status build(builder *b)
{
    mention(b->sweep, b->file);
    mention(b->sweep, b->overrides);
    b->values = calloc(b->file->count + b->overrides->count + 1, sizeof *b->values);
    if (b->values == NULL) {
        return nca__fail_memory(b->error, b->file->name, b->file->count * sizeof *b->values);
    }
    size_t blocks = b->file->blocks;
    nca_status status = NCA_OK;
    for (size_t block = blocks > 0; block <= blocks && status == NCA_OK; block++) {
        status = add_product(b, block);
    }
    free(b->values);
    if (status == NCA_OK) {
        status = nca__sweep_describe(b->sweep, b->error);
    }
    return status == NCA_OK ? check_runs(b) : status;
}

/* ---- Public functions ------------------------------------------------------------------------ */

static nca_status read_overrides(nca__pairs *out, const nca_sweep_override *overrides, size_t count,
                                 const char *name, nca_error *error)
{
    out->name = name;
    for (size_t i = 0; i < count; i++) {
        const nca_setting *setting = nca_setting_named(overrides[i].key);
        if (setting == NULL && strcmp(overrides[i].key, "seeds") != 0) {
            return nca__unknown_setting(overrides[i].key, error);
        }
        nca_status status = nca__pairs_add(out, setting, overrides[i].value, error);
        if (status != NCA_OK) {
            return status;
        }
    }
    return NCA_OK;
}

nca_status nca_sweep_parse(nca_sweep **out_sweep, const char *text, size_t size, const char *name,
                           const nca_sweep_override *overrides, size_t count, nca_error *error)
{
    nca_error ignored;
    error = error != NULL ? error : &ignored;
    nca_sweep *sweep = calloc(1, sizeof *sweep);
    if (sweep == NULL) {
        return nca__fail_memory(error, name, sizeof *sweep);
    }
    nca__pairs file = {0}, more = {0};
    nca_status status = nca__pairs_read(&file, text, size, name, true, error);
    if (status == NCA_OK) {
        status = read_overrides(&more, overrides, count, name, error);
    }
    if (status == NCA_OK) {
        builder b = {.sweep = sweep, .file = &file, .overrides = &more, .error = error};
        status = build(&b);
    }
    nca__pairs_free(&file);
    nca__pairs_free(&more);
    if (status != NCA_OK) {
        nca_sweep_destroy(sweep);
        return status;
    }
    *out_sweep = sweep;
    return NCA_OK;
}

nca_status nca_sweep_load(nca_sweep **out_sweep, const char *path,
                          const nca_sweep_override *overrides, size_t count, nca_error *error)
{
    uint8_t *bytes;
    size_t size;
    nca_status status = nca__file_read(&bytes, &size, path, NCA__LARGEST_YAML, error);
    if (status != NCA_OK) {
        return status;
    }
    if (size == 0) {
        /* An empty file would otherwise train with the defaults for minutes. */
        status = nca__fail(error, NCA_FORMAT,
                           "%s: expected settings, some of them lists, found an empty file", path);
    } else {
        status =
            nca_sweep_parse(out_sweep, (const char *)bytes, size, path, overrides, count, error);
    }
    free(bytes);
    return status;
}

size_t nca_sweep_short_warmups(const nca_sweep *sweep)
{
    return sweep->short_warmups;
}

void nca_sweep_destroy(nca_sweep *sweep)
{
    if (sweep == NULL) {
        return;
    }
    for (size_t i = 0; i < sweep->count; i++) {
        nca__sweep_run *run = sweep->runs[i];
        for (size_t axis = 0; axis < sweep->axis_count; axis++) {
            free(run->value[axis]);
            free(run->label[axis]);
        }
        free(run->name);
        free(run);
    }
    free(sweep->runs);
    free(sweep);
}
