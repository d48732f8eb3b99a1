/* A page of a command's models, with the weights as the command's options ask for them. */
#ifndef NCA_CLI_PAGE_OF_MODELS_H
#define NCA_CLI_PAGE_OF_MODELS_H

#include "cli/model_list.h"

/* The rows that `nca export` and `nca play` share. */
#define PAGE_OPTIONS                                                                            \
    {"title", 0, "TEXT", "Of the browser's window. [the first model's name]"},                  \
    {                                                                                           \
        "quantise", 0, "int8",                                                                  \
            "Carry the weights as bytes, a quarter of the size, and say how far the automaton " \
            "strays for it. [as floats]"                                                        \
    }

typedef struct page_of_models {
    model_list list;
    nca_page_model models[NCA_PAGE_MOST_MODELS];
    nca_page_options options;
} page_of_models;

/* Returns EXIT_OK, or the exit code after a message. page_of_models_free() in either case. */
int page_of_models_load(page_of_models *out, const option_values *given);
void page_of_models_free(page_of_models *page);

#endif
