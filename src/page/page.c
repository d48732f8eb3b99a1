/* Fills the template: title, policy, models. */
#include "nca/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/growing_text.h"
#include "page/carried.h"
#include "page/examples.h"
#include "page/packed_text.h"
#include "page/template.h"

/* Input channels and a head are those of a classifier. */
static nca_status check_model(const nca_page_model *model, nca_error *error)
{
    const char *name = model->name != NULL ? model->name : "a model";
    const nca_automaton *a = &model->model->automaton;
    if (model->model->classifier == NULL && (a->input_channels > 0 || a->head_outputs > 0)) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "a page: %s has %s, but does not classify; a page shows models that grow "
                         "an image from a seed, and classifiers",
                         name, a->input_channels > 0 ? "input channels" : "a head");
    }
    return NCA_OK;
}

/* The models of a page have the same task, and classifiers the same images. */
static nca_status check_together(const nca_page_model *first, const nca_page_model *model,
                                 nca_error *error)
{
    const nca_classifier *a = first->model->classifier, *b = model->model->classifier;
    if ((a == NULL) != (b == NULL)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "a page: %s classifies images and %s does not; make a page for each",
                         a != NULL ? first->name : model->name,
                         a != NULL ? model->name : first->name);
    }
    if (a != NULL &&
        (a->height != b->height || a->width != b->width || a->classes != b->classes ||
         (a->kind == NCA_LABELS_MULTI_LABEL) != (b->kind == NCA_LABELS_MULTI_LABEL) ||
         first->model->automaton.input_channels != model->model->automaton.input_channels)) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "a page: expected classifiers of the same images and classes, found %s "
                         "with other ones than %s; make a page for each",
                         model->name, first->name);
    }
    return NCA_OK;
}

static nca_status check_models(const nca_page_model *models, size_t count,
                               const nca_page_options *options, nca_error *error)
{
    nca_status status = NCA_OK;
    for (size_t i = 0; i < count && status == NCA_OK; i++) {
        status = check_model(&models[i], error);
        status = status == NCA_OK ? check_together(&models[0], &models[i], error) : status;
    }
    return status == NCA_OK ? nca__check_examples(options->examples, models[0].model, error)
                            : status;
}

/* The element that contains the models, a JSON array. */
static nca_status pack_models(nca__growing_text *out, const nca_page_model *models, size_t count,
                              nca_error *error)
{
    nca__json_writer w = nca__json_writer_make(0, NCA__CARRIED_DIGITS);
    nca__json_begin_array(&w, NULL);
    for (size_t i = 0; i < count; i++) {
        nca__carried_model(&w, &models[i]);
    }
    nca__json_end(&w);
    if (w.out.text == NULL) {
        return nca__fail_memory(error, "the models of a page", 0);
    }
    nca__grow_text(out, "<script type=\"text/plain\" id=\"nca-models\">");
    const nca_status status = nca__grow_packed(out, w.out.text, w.out.length, error);
    nca__grow_text(out, "</script>");
    free(w.out.text);
    if (status == NCA_OK && out->text == NULL) {
        return nca__fail_memory(error, "the models of a page", 0);
    }
    return status;
}

static void append_live(nca__growing_text *out, const nca_page_options *options)
{
    if (options->live_token != NULL) {
        nca__grow_text(out, "<script type=\"application/json\" id=\"nca-live\">{\"token\":\"");
        nca__grow_text(out, options->live_token);
        nca__grow_text(out, options->knobs ? "\",\"knobs\":true}</script>"
                                           : "\",\"knobs\":false}</script>");
    }
}

/* Copies the template and replaces the marks. `classifies`: what the models do. */
static void fill(nca__growing_text *out, const char *template, size_t length, const char *title,
                 const nca_page_options *options, const char *models, bool classifies)
{
    const char *end = template + length;
    for (const char *at = template; at < end;) {
        const char *mark = memchr(at, '%', (size_t)(end - at));
        if (mark == NULL) {
            nca__grow(out, at, (size_t)(end - at));
            return;
        }
        nca__grow(out, at, (size_t)(mark - at));
        at = mark;
        if (strncmp(at, "%TITLE%", 7) == 0) {
            nca__grow_escaped(out, title);
            at += 7;
        } else if (strncmp(at, "%CONNECT%", 9) == 0) {
            nca__grow_text(out, options->live_token != NULL ? "'self'" : "'none'");
            at += 9;
        } else if (strncmp(at, "%LIVE%", 6) == 0) {
            append_live(out, options);
            at = options->live_token != NULL ? at + 6 : strstr(at, "%END%");
        } else if (strncmp(at, "%CLASSES%", 9) == 0) {
            at = classifies ? at + 9 : strstr(at, "%END%");
        } else if (strncmp(at, "%END%", 5) == 0) { /* end of a part that some pages have */
            at += 5;
        } else if (strncmp(at, "%MODELS%", 8) == 0) {
            nca__grow_text(out, models);
            at += 8;
        } else {
            nca__grow(out, at++, 1);
        }
    }
}

void nca_page_options_default(nca_page_options *out)
{
    *out = (nca_page_options){.title = NULL};
}

nca_status nca_page_text(char **out_text, size_t *out_length, const nca_page_model *models,
                         size_t count, const nca_page_options *options, nca_error *error)
{
    nca_status room =
        nca__check_reserved(options->reserved, NCA_RESERVED, "nca_page_options", error);
    if (room != NCA_OK) {
        return room;
    }
    if (count < 1 || count > NCA_PAGE_MAX_MODELS) {
        return nca__fail(error, NCA_INVALID_ARGUMENT, "a page: expected 1 to %d models, found %zu",
                         NCA_PAGE_MAX_MODELS, count);
    }
    nca_status status = check_models(models, count, options, error);
    if (status != NCA_OK) {
        return status;
    }
    size_t length;
    const char *template = nca__page_template(&length);
    if (template == NULL) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "a page: this program was built without the web page; install clang, lld, "
                         "node and npm, "
                         "then configure with cmake -DNCA_WEB=ON and build again");
    }
    nca__growing_text packed = nca__growing_text_make(0);
    status = pack_models(&packed, models, count, error);
    if (status == NCA_OK && options->examples != NULL) {
        status = nca__pack_examples(&packed, options->examples, error);
    }
    if (status == NCA_OK) {
        nca__growing_text out = nca__growing_text_make(length + packed.length);
        const char *title = options->title != NULL ? options->title : models[0].name;
        fill(&out, template, length, title, options, packed.text,
             models[0].model->classifier != NULL);
        *out_text = out.text;
        *out_length = out.length;
        status = out.text != NULL ? NCA_OK : nca__fail_memory(error, "a page", length);
    }
    free(packed.text);
    return status;
}

nca_status nca_page_write(const char *path, const nca_page_model *models, size_t count,
                          const nca_page_options *options, nca_error *error)
{
    char *text = NULL;
    size_t length = 0;
    nca_status status = nca_page_text(&text, &length, models, count, options, error);
    if (status == NCA_OK) {
        status = nca__file_write(path, text, length, error);
    }
    free(text);
    return status;
}

nca_status nca_page_model_text(char **out_text, const nca_page_model *model, nca_error *error)
{
    const nca_status status = check_model(model, error);
    if (status != NCA_OK) {
        return status;
    }
    nca__json_writer w = nca__json_writer_make(0, NCA__CARRIED_DIGITS);
    nca__carried_model(&w, model);
    if (w.out.text == NULL) {
        return nca__fail_memory(error, "a model for a page", 0);
    }
    *out_text = w.out.text;
    return NCA_OK;
}
