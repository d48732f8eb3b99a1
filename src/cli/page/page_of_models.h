/* A page with a command's models, whose weights are stored as its options say. */
#ifndef NCA_CLI_PAGE_PAGE_OF_MODELS_H
#define NCA_CLI_PAGE_PAGE_OF_MODELS_H

#include "cli/model/model_list.h"
#include "cli/page/page_examples.h"

/* The options shared by `nca export` and `nca play`. */
#define PAGE_OPTIONS                                                                            \
    {"title", 0, "TEXT", "Title of the browser window. [name of the first model]"},             \
    {                                                                                           \
        "quantise", 0, "int8",                                                                  \
            "Store the weights as int8, a quarter of the size, and report how much the result " \
            "differs. [weights are stored as fp32]"                                             \
    }

typedef struct page_of_models {
    model_list list;
    nca_page_model models[NCA_PAGE_MAX_MODELS];
    nca_page_options options;
    page_examples examples;
} page_of_models;

/* Loads the models that a command names, calls `use` with them, and releases them. Returns the exit
 * code. */
int with_page_of_models(const option_values *given,
                        int (*use)(const page_of_models *page, const option_values *given));

#endif
