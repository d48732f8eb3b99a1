/* Example images as JSON: sizes, labels, names, and the pixels. Each channel of each image follows
 * the one before it; a value is stored as its difference from the value to the left of it, which
 * compresses better. */
#include "page/examples.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/json_write.h"
#include "page/carried.h"
#include "page/packed_text.h"

nca_status nca__check_examples(const nca_page_examples *examples, const nca_model *model,
                               nca_error *error)
{
    if (examples == NULL) {
        return NCA_OK;
    }
    const nca_classifier *c = model->classifier;
    if (c == NULL) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "a page: expected no example images for models that do not classify, "
                         "found %zu",
                         examples->count);
    }
    const uint32_t channels = model->automaton.input_channels;
    if (examples->height != c->height || examples->width != c->width ||
        examples->channels != channels) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "a page: expected example images of %lux%lu pixels with %lu channel%s, as "
                         "the model was trained on, found %zux%zu with %zu",
                         (unsigned long)c->height, (unsigned long)c->width, (unsigned long)channels,
                         channels == 1 ? "" : "s", examples->height, examples->width,
                         examples->channels);
    }
    const size_t width = c->kind == NCA_LABELS_MULTI_LABEL ? c->classes : 1;
    const size_t values = c->kind == NCA_LABELS_MULTI_LABEL ? 2 : c->classes;
    if (examples->labels != NULL && examples->label_width != width) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "a page: expected %zu label%s for each example image, found %zu", width,
                         width == 1 ? "" : "s", examples->label_width);
    }
    for (size_t i = 0; examples->labels != NULL && i < examples->count * width; i++) {
        if (examples->labels[i] >= values) {
            return nca__fail(error, NCA_INVALID_ARGUMENT,
                             "a page: example image %zu: expected a label from 0 to %zu, found %u",
                             i / width, values - 1, (unsigned)examples->labels[i]);
        }
    }
    return NCA_OK;
}

static void put_labels(nca__json_writer *w, const nca_page_examples *e)
{
    nca__json_begin_array(w, "labels");
    for (size_t i = 0; i < e->count; i++) {
        nca__json_begin_array(w, NULL);
        for (size_t k = 0; k < e->label_width; k++) {
            nca__json_integer(w, NULL, e->labels[i * e->label_width + k]);
        }
        nca__json_end(w);
    }
    nca__json_end(w);
}

static void put_pixels(nca__json_writer *w, const nca_page_examples *e)
{
    const size_t cells = e->height * e->width, count = e->count * e->channels * cells;
    uint8_t *bytes = malloc(count + 1);
    for (size_t i = 0; bytes != NULL && i < count; i++) {
        const size_t cell = i % cells, plane = i / cells;
        const uint8_t *pixel =
            e->images + (plane / e->channels * cells + cell) * e->channels + plane % e->channels;
        const uint8_t left = cell % e->width > 0 ? *(pixel - e->channels) : 0;
        bytes[i] = (uint8_t)(*pixel - left);
    }
    nca__json_bytes(w, "data", bytes, count);
    free(bytes);
}

nca_status nca__pack_examples(nca__growing_text *out, const nca_page_examples *examples,
                              nca_error *error)
{
    nca__json_writer w = nca__json_writer_make(0, NCA__CARRIED_DIGITS);
    nca__json_begin_object(&w, NULL);
    nca__json_integer(&w, "height", (int64_t)examples->height);
    nca__json_integer(&w, "width", (int64_t)examples->width);
    nca__json_integer(&w, "channels", (int64_t)examples->channels);
    nca__json_integer(&w, "count", (int64_t)examples->count);
    if (examples->labels != NULL) {
        put_labels(&w, examples);
    }
    if (examples->names != NULL) {
        nca__json_begin_array(&w, "names");
        for (size_t i = 0; i < examples->count; i++) {
            nca__json_clean_string(&w, NULL, examples->names[i]);
        }
        nca__json_end(&w);
    }
    put_pixels(&w, examples);
    nca__json_end(&w);
    if (w.out.text == NULL) {
        return nca__fail_memory(error, "the example images of a page", 0);
    }
    nca__grow_text(out, "<script type=\"text/plain\" id=\"nca-examples\">");
    const nca_status status = nca__grow_packed(out, w.out.text, w.out.length, error);
    nca__grow_text(out, "</script>");
    free(w.out.text);
    if (status == NCA_OK && out->text == NULL) {
        return nca__fail_memory(error, "the example images of a page", 0);
    }
    return status;
}
