/* A page: one HTML file in which models live, for any browser, that asks nothing of a network.
 *
 *     nca_page_model models[] = {{model, "retina", 0}};
 *     nca_page_options options;
 *     nca_page_options_default(&options);
 *     options.title = "Retina";
 *     nca_page_write("retina.html", models, 1, &options, &error);
 *
 * The engine in it is src/core compiled to WebAssembly (docs/web.md). */
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

/* A model and how the page calls it. */
typedef struct nca_page_model {
    const nca_model *model;
    const char *name;
    /* Whether the page carries W1 and W2 as bytes, one scale a row, instead of as floats: a quarter
     * of the size. nca_model_quantise makes a model of the same numbers. */
    bool int8;
} nca_page_model;

typedef struct nca_page_options {
    const char *title; /* of the browser's window; NULL: the first model's name */
    /* Not NULL: the page follows a training through the server that it comes from (nca/server.h),
     * whose token this is: letters and digits. */
    const char *live_token;
    bool knobs;                      /* whether a live page offers to change the run */
    uint64_t reserved[NCA_RESERVED]; /* 0: room for later options (nca/export.h) */
} nca_page_options;

/* The first model's name as the title, not live. */
NCA_API void nca_page_options_default(nca_page_options *out);

/* Writes the file whole or not at all. NCA_INVALID_ARGUMENT without a model or with more than
 * NCA_PAGE_MAX_MODELS; NCA_UNSUPPORTED where the library was built without its page.
 * Other errors: NCA_NOT_FOUND and NCA_IO (the file cannot be written), NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_page_write(const char *path, const nca_page_model *models, size_t count,
                                  const nca_page_options *options, nca_error *error);
/* The same into memory, with a 0 at the end; free() it. Errors: NCA_INVALID_ARGUMENT and
 * NCA_UNSUPPORTED as above, NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_page_text(char **out_text, size_t *out_length, const nca_page_model *models,
                                 size_t count, const nca_page_options *options, nca_error *error);

/* A model as a page carries it, JSON in one line, for a live page to take over; free() it.
 * Errors: NCA_OUT_OF_MEMORY. */
NCA_API nca_status nca_page_model_text(char **out_text, const nca_page_model *model,
                                       nca_error *error);

/* Rounds each weight of W1 and W2 to the nearest of 255 multiples of its row's scale, which is the
 * row's largest weight over 127; biases stay. */
NCA_API void nca_model_quantise(nca_model *model);

#ifdef __cplusplus
}
#endif
#endif
