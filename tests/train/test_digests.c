/* The committed list of digests: settings, and the hash of the resulting weights. Any changed bit
 * between a setting and a weight is detected in the commit that changes it. The list is computed
 * with the fast kernels of this CPU, and for bf16 with the definition, so that it is the same on
 * every machine.
 *
 *     test_digests            compares
 *     test_digests --write    writes the list again, with the hashes computed by this build */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/digests.h"
#include "kernels/table.h"
#include "nca/nca.h"
#include "task/made_images.h"

enum {
    MOST_LINES = 100,
    LINE = 512,
    ROLLOUT_STEPS = 20
};

static const char list_path[] = NCA_FIXTURES "/digests.txt";

typedef struct entry {
    char hash[20], kind[12], what[LINE];
} entry;

/* The list as read: the text of every line, and its contents if it is an entry. */
typedef struct list {
    char text[MOST_LINES][LINE];
    entry entries[MOST_LINES]; /* kind is empty: another kind of line */
    size_t count;
    char base[LINE];
} list;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "digests: %s: %s\n", what, why);
    abort();
}

static void read_list(list *l)
{
    FILE *file = fopen(list_path, "r");
    if (file == NULL) {
        die(list_path, "cannot be opened");
    }
    while (l->count < MOST_LINES && fgets(l->text[l->count], LINE, file) != NULL) {
        char *text = l->text[l->count];
        entry *e = &l->entries[l->count++];
        text[strcspn(text, "\n")] = 0;
        if (strncmp(text, "base ", 5) == 0) {
            snprintf(l->base, LINE, "%s", text + 5);
        } else if (text[0] != '#' &&
                   sscanf(text, "%19s %11s %511[^\n]", e->hash, e->kind, e->what) != 3) {
            die(text, "expected HASH KIND WHAT");
        }
    }
    if (!feof(file)) {
        die(list_path, "has more lines than this test reads");
    }
    fclose(file);
}

/* ---- Computing -------------------------------------------------------------------------------*/

/* "key=value; key=value": those of one pass (nca_setting_pass), without those that the task does
 * not use. */
static void apply(nca_settings *settings, const char *pairs, unsigned pass)
{
    char copy[LINE];
    nca_error error;
    snprintf(copy, sizeof copy, "%s", pairs);
    for (char *pair = copy, *next; pair != NULL; pair = next) {
        next = strstr(pair, "; ");
        if (next != NULL) {
            *next = 0;
            next += 2;
        }
        char *value = strchr(pair, '=');
        if (value == NULL) {
            die(pair, "expected key=value");
        }
        *value++ = 0;
        const nca_setting *setting = nca_setting_named(pair);
        if (setting == NULL) {
            die(pair, "there is no such setting");
        }
        if (nca_setting_pass(setting) == pass && nca_setting_is_used(setting, settings->task) &&
            nca_settings_set(settings, pair, value, &error) != NCA_OK) {
            die(pair, error.message);
        }
    }
}

static nca_session *trained(const char *base, const char *own)
{
    nca_error error;
    nca_settings settings;
    nca_target *target = NULL;
    nca_session *session = NULL;
    nca_settings_default(&settings);
    for (unsigned pass = 0; pass < NCA_SETTING_PASSES; pass++) {
        apply(&settings, base, pass);
        apply(&settings, own, pass);
    }
    settings.threads = 2;
    if (settings.precision != NCA_PRECISION_FP32) {
        snprintf(settings.kernels, sizeof settings.kernels, "scalar");
    }
    static made_images made; /* outlives the session */
    nca_target_options options;
    nca_target_options_default(&options);
    options.size = settings.img_size;
    options.padding = settings.padding;
    nca_status status;
    if (settings.task == NCA_TASK_CLASSIFY) {
        make_images(&made, NCA_LABELS_MULTI_CLASS, 3);
        status = nca_session_create_classify(&session, &settings, &made.data, &error);
    } else {
        status = nca_target_create(&target, settings.target_path, &options, &error);
        status =
            status == NCA_OK ? nca_session_create(&session, &settings, target, &error) : status;
    }
    if (status != NCA_OK || nca_session_run(session, NULL, NULL, &error) != NCA_OK) {
        die(own, error.message);
    }
    nca_target_destroy(target);
    return session;
}

static uint64_t digest_training(const char *base, const char *own)
{
    nca_session *session = trained(base, own);
    const nca_model *model = nca_session_result(session);
    const uint64_t sum = digest_bytes(model->parameters, nca_parameter_count(&model->automaton) *
                                                             sizeof *model->parameters);
    nca_session_destroy(session);
    return sum;
}

/* "PRECISION", or "PRECISION; key=value; ...": settings of the training before it. */
static uint64_t digest_rollout(const char *base, const char *what)
{
    nca_error error;
    char precision[LINE], own[2 * LINE];
    snprintf(precision, sizeof precision, "%s", what);
    precision[strcspn(what, ";")] = 0;
    snprintf(own, sizeof own, "recipe=distill%s", what + strlen(precision));
    nca_session *session = trained(base, own);
    const nca_model *model = nca_session_model(session);
    nca_rollout *rollout = NULL;
    nca_rollout_options options;
    nca_rollout_options_default(&options, model);
    options.precision = strcmp(precision, "int8") == 0 ? NCA_PRECISION_INT8 : NCA_PRECISION_FP32;
    if (nca_rollout_create(&rollout, model, &options, &error) != NCA_OK) {
        die(precision, error.message);
    }
    const size_t floats = options.height * options.width * model->automaton.channels;
    float *state = calloc(floats, sizeof *state);
    if (state == NULL) {
        die(precision, "out of memory");
    }
    if (nca_rollout_run(rollout, ROLLOUT_STEPS, &error) != NCA_OK) {
        die(precision, error.message);
    }
    nca_rollout_get(state, rollout, 0);
    const uint64_t sum = digest_bytes(state, floats * sizeof *state);
    free(state);
    nca_rollout_destroy(rollout);
    nca_session_destroy(session);
    return sum;
}

static uint64_t digest_batch(const char *name)
{
    static digest found[DIGESTS];
    if (found[0].name == NULL) {
        digests_compute(found, &nca__kernels_scalar);
    }
    for (size_t i = 0; i < DIGESTS; i++) {
        if (strcmp(found[i].name, name) == 0) {
            return found[i].value;
        }
    }
    die(name, "tests/backend/digests.c has no such digest");
    return 0;
}

static void compute(char hash[20], const list *l, const entry *e)
{
    uint64_t sum = 0;
    if (strcmp(e->kind, "train") == 0) {
        sum = digest_training(l->base, e->what);
    } else if (strcmp(e->kind, "rollout") == 0) {
        sum = digest_rollout(l->base, e->what);
    } else if (strcmp(e->kind, "batch") == 0) {
        sum = digest_batch(e->what);
    } else {
        die(e->kind, "expected train, rollout or batch");
    }
    snprintf(hash, 20, "%016" PRIx64, sum);
}

/* ---- The tests -------------------------------------------------------------------------------*/

static void the_bits_are_those_of_the_committed_list(void **state)
{
    const list *l = *state;
    size_t moved = 0;
    for (size_t i = 0; i < l->count; i++) {
        const entry *e = &l->entries[i];
        if (e->kind[0] != 0) {
            char hash[20];
            compute(hash, l, e);
            if (strcmp(hash, e->hash) != 0) {
                print_error("moved: %s %s: %s, the list has %s\n", e->kind, e->what, hash, e->hash);
                moved++;
            }
        }
    }
    if (moved > 0) {
        fail_msg("%zu digests moved. Results of earlier versions no longer come out. If that is "
                 "meant, say so in CHANGELOG.md and write the list anew: test_digests --write",
                 moved);
    }
}

/* Whether an entry of kind train, or base, has this setting at this value. */
static bool is_listed(const list *l, const char *key, const char *value)
{
    char pair[LINE], padded[LINE + 4];
    snprintf(pair, sizeof pair, "; %s=%s;", key, value);
    for (size_t i = 0; i < l->count; i++) {
        snprintf(padded, sizeof padded, "; %s;", l->entries[i].what);
        if (strcmp(l->entries[i].kind, "train") == 0 && strstr(padded, pair) != NULL) {
            return true;
        }
    }
    return false;
}

static void every_choice_of_every_setting_that_moves_bits_is_in_the_list(void **state)
{
    const list *l = *state;
    for (size_t i = 0; i < nca_setting_count(); i++) {
        const nca_setting *s = nca_setting_at(i);
        /* How a target is read (tests/data) and which of a run's models is kept (tests/runs) do not
         * change the weights of a session. */
        if (s->type != NCA_SETTING_CHOICE || !s->exact_resume || strcmp(s->group, "target") == 0 ||
            strcmp(s->key, "select") == 0) {
            continue;
        }
        for (size_t k = 0; s->choices[k] != NULL; k++) {
            if (!is_listed(l, s->key, s->choices[k])) {
                fail_msg("%s=%s has no line in %s", s->key, s->choices[k], list_path);
            }
        }
    }
}

/* If a setting leads to the same weights as another one, it was not applied. */
static void no_two_lines_have_the_same_digest(void **state)
{
    const list *l = *state;
    for (size_t i = 0; i < l->count; i++) {
        for (size_t k = 0; k < i; k++) {
            const entry *a = &l->entries[k], *b = &l->entries[i];
            if (a->kind[0] != 0 && strcmp(a->hash, b->hash) == 0) {
                fail_msg("%s and %s have the digest %s", a->what, b->what, a->hash);
            }
        }
    }
}

static int write_list(const list *l)
{
    char temporary[sizeof list_path + 8];
    snprintf(temporary, sizeof temporary, "%s.tmp", list_path);
    FILE *file = fopen(temporary, "w");
    if (file == NULL) {
        die(temporary, "cannot be written");
    }
    for (size_t i = 0; i < l->count; i++) {
        const entry *e = &l->entries[i];
        if (e->kind[0] == 0) {
            fprintf(file, "%s\n", l->text[i]);
            continue;
        }
        char hash[20];
        compute(hash, l, e);
        if (strcmp(hash, e->hash) != 0) {
            printf("%s %s %s\n", hash, e->kind, e->what);
        }
        fprintf(file, "%s %s %s\n", hash, e->kind, e->what);
    }
    if (fclose(file) != 0 || rename(temporary, list_path) != 0) {
        die(list_path, "cannot be written");
    }
    return 0;
}

int main(int count, char **arguments)
{
    static list l;
    read_list(&l);
    if (count > 1 && strcmp(arguments[1], "--write") == 0) {
        return write_list(&l);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(the_bits_are_those_of_the_committed_list, &l),
        cmocka_unit_test_prestate(every_choice_of_every_setting_that_moves_bits_is_in_the_list, &l),
        cmocka_unit_test_prestate(no_two_lines_have_the_same_digest, &l),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
