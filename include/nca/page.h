/* A page: one HTML file with models that run in any browser, without network requests. Its models
 * grow images, or classify images of the same size and kind.
 *
 *     nca_page_model models[] = {{model, "retina", 0}};
 *     nca_page_options options;
 *     nca_page_options_default(&options);
 *     options.title = "Retina";
 *     nca_page_write("retina.html", models, 1, &options, &error);
 *
 * The page runs src/core compiled to WebAssembly (docs/web.md). */
#ifndef NCA_PAGE_H
#define NCA_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"
#include "nca/model.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NCA_PAGE_MAX_MODELS = 1024
};

/* A model and its name on the page. */
typedef struct nca_page_model {
    const nca_model *model;
    const char *name;
    /* Whether the page contains W1 and W2 as int8 with one scale per row instead of floats,
     * which takes a quarter of the size. nca_model_quantise makes a model with the same rounded
     * weights. */
    bool int8;
} nca_page_model;

/* Images that a page of classifiers offers as examples. */
typedef struct nca_page_examples {
    size_t count, height, width, channels;
    const uint8_t *images; /* (count,H,W,channels); the size and channels of the models */
    size_t label_width;    /* 1, or the number of labels of multi-label models */
    /* (count,label_width): a class, or 0 and 1 for each label. NULL: not known. */
    const uint8_t *labels;
    const char *const *names; /* (count), UTF-8; NULL: none */
} nca_page_examples;

typedef struct nca_page_options {
    const char *title; /* title of the browser window; NULL: the first model's name */
    /* Not NULL: a live page, which follows a training through the server that it was loaded from
     * (nca/server.h). This is the server's token: letters and digits. */
    const char *live_token;
    bool knobs;                        /* whether a live page has controls that change the run */
    const nca_page_examples *examples; /* of a page of classifiers; NULL: none */
    uint64_t reserved[NCA_RESERVED];   /* 0: reserved for later options (nca/export.h) */
} nca_page_options;

/* The title is the first model's name; the page is not live and has no examples. */
NCA_API void nca_page_options_default(nca_page_options *out);

/* Writes the file whole or not at all. Errors: NCA_INVALID_ARGUMENT (no model, or more than
 * NCA_PAGE_MAX_MODELS; classifiers together with models that grow, or classifiers of images with
 * another size, number of channels, or classes; examples that do not fit the models),
 * NCA_UNSUPPORTED (the library was built without the page), NCA_NOT_FOUND and
 * NCA_IO (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_page_write(const char *path, const nca_page_model *models, size_t count,
                                  const nca_page_options *options, nca_error *error);
/* The same into memory, with a 0 at the end; free() it. Errors: NCA_INVALID_ARGUMENT and
 * NCA_UNSUPPORTED as above, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_page_text(char **out_text, size_t *out_length, const nca_page_model *models,
                                 size_t count, const nca_page_options *options, nca_error *error);

/* A model in the form that pages contain, JSON in one line, to be sent to a live page; free() it.
 * Errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_page_model_text(char **out_text, const nca_page_model *model,
                                       nca_error *error);

/* Rounds each weight of W1 and W2 to the nearest of 255 multiples of its row's scale, which is the
 * row's largest absolute weight / 127; biases do not change. */
NCA_API void nca_model_quantise(nca_model *model);

#ifdef __cplusplus
}
#endif
#endif
