/* Internal: a model as a page carries it (docs/web.md). */
#ifndef NCA_PAGE_CARRIED_H
#define NCA_PAGE_CARRIED_H

#include <jansson.h>

#include "nca/page.h"

/* NULL when there is no memory. */
json_t *nca__carried_model(const nca_page_model *model);

#endif
