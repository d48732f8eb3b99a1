/* Internal: the example images of a page of classifiers. */
#ifndef NCA_PAGE_EXAMPLES_H
#define NCA_PAGE_EXAMPLES_H

#include "base/growing_text.h"
#include "nca/page.h"

/* NCA_INVALID_ARGUMENT if the examples (may be NULL) do not fit the model. */
nca_status nca__check_examples(const nca_page_examples *examples, const nca_model *model,
                               nca_error *error);
/* Appends the element that contains them. */
nca_status nca__pack_examples(nca__growing_text *out, const nca_page_examples *examples,
                              nca_error *error);

#endif
