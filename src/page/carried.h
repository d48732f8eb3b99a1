/* Internal: a model in the form that a page contains (docs/web.md). */
#ifndef NCA_PAGE_CARRIED_H
#define NCA_PAGE_CARRIED_H

#include "base/json_write.h"
#include "nca/page.h"

enum {
    NCA__CARRIED_DIGITS = 9 /* enough to restore the bits of every float */
};

/* Writes a model as the next value; the key is NULL. */
void nca__carried_model(nca__json_writer *w, const nca_page_model *carried);

#endif
