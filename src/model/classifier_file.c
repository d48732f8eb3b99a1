/* The metadata of a classifier: one table of its single values, then the names of the classes.
 * docs/file-formats.md lists the keys. */
#include "model/classifier_file.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "base/utf8.h"

void nca__classifier_destroy(nca_classifier *classifier)
{
    if (classifier != NULL) {
        free(classifier->class_names);
        free(classifier);
    }
}

/* ---- Checks ----------------------------------------------------------------------------------*/

static bool is_finite(const float *values)
{
    return isfinite(values[0]) && isfinite(values[1]) && isfinite(values[2]);
}

/* NULL, or what is wrong. */
static const char *problem_of(const nca_classifier *c, const nca_automaton *a)
{
    const uint32_t features = a->head_outputs > 0 ? a->head_inputs : c->classes;
    if (c->classes < 2 || c->classes > NCA_MAX_CLASSES) {
        return "a number of classes from 2 to 64";
    }
    if ((unsigned)c->kind >= NCA_LABEL_KINDS || (unsigned)c->readout >= NCA_READOUT_COUNT) {
        return "a known kind of labels and read-out";
    }
    if (c->kind == NCA_LABELS_BINARY && c->classes != 2) {
        return "2 classes for binary labels";
    }
    if (c->kind == NCA_LABELS_MULTI_LABEL && !c->sigmoid) {
        return "a sigmoid for images with several labels";
    }
    if (c->readout == NCA_READOUT_CELLS && a->head_outputs > 0) {
        return "no dense layer with the read-out per-cell";
    }
    if (a->input_channels != 1 && a->input_channels != 3) {
        return "1 or 3 input channels";
    }
    if (a->head_outputs > 0 ? a->head_outputs != c->classes || features > NCA_MAX_CLASSES
                            : features > a->channels) {
        return "an output for each class";
    }
    if (a->input_channels + features > a->channels) {
        return "channels for the image and the read-out";
    }
    if (c->height < 1 || c->height > NCA_MAX_SIDE || c->width < 1 || c->width > NCA_MAX_SIDE) {
        return "images with sides of 1 to 16384 pixels";
    }
    if (c->steps < 1 || c->steps > 100000) {
        return "1 to 100000 steps";
    }
    if (!is_finite(c->scale) || !is_finite(c->offset) ||
        !(c->temperature > 0 && c->temperature <= 1e6)) {
        return "a finite scale and offset, and a temperature above 0";
    }
    return NULL;
}

nca_status nca_model_set_classifier(nca_model *model, const nca_classifier *classifier,
                                    nca_error *error)
{
    const char *problem = problem_of(classifier, &model->automaton);
    if (problem != NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "classifier: expected %s", problem);
    }
    const size_t bytes = classifier->classes * sizeof *classifier->class_names;
    nca_classifier *copy = malloc(sizeof *copy);
    char(*names)[NCA_CLASS_NAME] = malloc(bytes);
    if (copy == NULL || names == NULL) {
        free(copy);
        free(names);
        return nca__fail_memory(error, "classes", bytes);
    }
    *copy = *classifier;
    memcpy(names, classifier->class_names, bytes);
    for (size_t k = 0; k < copy->classes; k++) {
        names[k][NCA_CLASS_NAME - 1] = 0;
        nca__clean_text(names[k]);
    }
    copy->class_names = names;
    nca__classifier_destroy(model->classifier);
    model->classifier = copy;
    return NCA_OK;
}

/* ---- The table -------------------------------------------------------------------------------*/

typedef enum value_kind {
    VALUE_KIND,
    VALUE_READOUT,
    VALUE_U32,
    VALUE_BOOL,
    VALUE_FLOAT,
    VALUE_DOUBLE
} value_kind;

typedef struct row {
    const char *key;
    value_kind kind;
    size_t offset;
} row;

#define ROW(name, kind)                                                   \
    {                                                                     \
        "classifier." #name, VALUE_##kind, offsetof(nca_classifier, name) \
    }
#define ROW_OF(name, index)                                        \
    {                                                              \
        "classifier." #name "." #index, VALUE_FLOAT,               \
            offsetof(nca_classifier, name) + index * sizeof(float) \
    }

static const row table[] = {
    ROW(kind, KIND),   ROW(classes, U32),        ROW(readout, READOUT), ROW(sigmoid, BOOL),
    ROW_OF(scale, 0),  ROW_OF(scale, 1),         ROW_OF(scale, 2),      ROW_OF(offset, 0),
    ROW_OF(offset, 1), ROW_OF(offset, 2),        ROW(height, U32),      ROW(width, U32),
    ROW(steps, U32),   ROW(temperature, DOUBLE),
};

enum {
    ROWS = sizeof table / sizeof *table,
    TEXT = 64
};

static const char key_task[] = "task";
static const char task_name[] = "classify";

static void name_key(char out[TEXT], size_t k)
{
    snprintf(out, TEXT, "classifier.class.%zu", k);
}

static void format_value(char out[TEXT], const row *r, const nca_classifier *c)
{
    const void *place = (const char *)c + r->offset;
    switch (r->kind) {
    case VALUE_KIND:
        snprintf(out, TEXT, "%s", nca_label_kind_name(*(const nca_label_kind *)place));
        break;
    case VALUE_READOUT:
        snprintf(out, TEXT, "%s", nca_readout_name(*(const nca_readout *)place));
        break;
    case VALUE_U32:
        snprintf(out, TEXT, "%lu", (unsigned long)*(const uint32_t *)place);
        break;
    case VALUE_BOOL:
        snprintf(out, TEXT, "%s", *(const bool *)place ? "true" : "false");
        break;
    case VALUE_FLOAT:
        nca__format_float(out, *(const float *)place);
        break;
    case VALUE_DOUBLE:
        nca__format_double(out, *(const double *)place);
        break;
    }
}

static bool parse_named(unsigned *out, const char *text, const char *(*name)(unsigned))
{
    for (unsigned i = 0; name(i) != NULL; i++) {
        if (strcmp(name(i), text) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static const char *kind_name(unsigned i)
{
    return nca_label_kind_name((nca_label_kind)i);
}

static const char *readout_name(unsigned i)
{
    return nca_readout_name((nca_readout)i);
}

static bool parse_value(nca_classifier *c, const row *r, const char *text)
{
    void *place = (char *)c + r->offset;
    uint64_t number;
    switch (r->kind) {
    case VALUE_KIND:
        return parse_named(place, text, kind_name);
    case VALUE_READOUT:
        return parse_named(place, text, readout_name);
    case VALUE_U32:
        if (!nca__parse_u64(text, &number) || number > UINT32_MAX) {
            return false;
        }
        *(uint32_t *)place = (uint32_t)number;
        return true;
    case VALUE_BOOL:
        *(bool *)place = strcmp(text, "true") == 0;
        return *(bool *)place || strcmp(text, "false") == 0;
    case VALUE_FLOAT:
        return nca__parse_float(text, place);
    case VALUE_DOUBLE:
        return nca__parse_double(text, place);
    }
    return false;
}

/* ---- Writing and reading ---------------------------------------------------------------------*/

nca_status nca__classifier_write(const nca__texts_out *out, const nca_model *model,
                                 nca_error *error)
{
    const nca_classifier *c = model->classifier;
    if (c == NULL) {
        return NCA_OK;
    }
    const char *problem = problem_of(c, &model->automaton);
    if (problem != NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "classifier: expected %s", problem);
    }
    char key[TEXT], value[TEXT];
    nca_status status = out->add(out->file, key_task, task_name, error);
    for (size_t i = 0; i < ROWS && status == NCA_OK; i++) {
        format_value(value, &table[i], c);
        status = out->add(out->file, table[i].key, value, error);
    }
    for (size_t k = 0; k < c->classes && status == NCA_OK; k++) {
        name_key(key, k);
        status = out->add(out->file, key, c->class_names[k], error);
    }
    return status;
}

static nca_status fail_value(const char *name, const char *key, const char *text, nca_error *error)
{
    return nca__fail(
        error, NCA_FORMAT, "%s: metadata \"%s\": expected a valid value, found %s%.40s%s", name,
        key, text != NULL ? "\"" : "", text != NULL ? text : "none", text != NULL ? "\"" : "");
}

static nca_status read_names(nca_classifier *c, const nca__texts *texts, const char *name,
                             nca_error *error)
{
    char key[TEXT];
    for (size_t k = 0; k < c->classes; k++) {
        name_key(key, k);
        const char *text = texts->find(texts->file, key);
        if (text == NULL || strlen(text) >= NCA_CLASS_NAME) {
            return fail_value(name, key, text, error);
        }
        strcpy(c->class_names[k], text);
    }
    return NCA_OK;
}

nca_status nca__classifier_read(nca_model *model, const nca__texts *texts, const char *name,
                                nca_error *error)
{
    const char *task = texts->find(texts->file, key_task);
    if (task == NULL) {
        return NCA_OK;
    }
    if (strcmp(task, task_name) != 0) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "%s: a model of the task \"%.40s\", which this version does not know",
                         name, task);
    }
    char names[NCA_MAX_CLASSES][NCA_CLASS_NAME];
    nca_classifier c = {.class_names = names};
    for (size_t i = 0; i < ROWS; i++) {
        const char *text = texts->find(texts->file, table[i].key);
        if (text == NULL || !parse_value(&c, &table[i], text)) {
            return fail_value(name, table[i].key, text, error);
        }
    }
    const char *problem = problem_of(&c, &model->automaton);
    if (problem != NULL) {
        return nca__fail(error, NCA_FORMAT,
                         "%s: the classifier does not fit the automaton: expected %s", name,
                         problem);
    }
    nca_status status = read_names(&c, texts, name, error);
    return status == NCA_OK ? nca_model_set_classifier(model, &c, error) : status;
}
