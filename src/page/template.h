/* Internal: the page as built from web/, with marks for the contents of a page. */
#ifndef NCA_PAGE_TEMPLATE_H
#define NCA_PAGE_TEMPLATE_H

#include <stddef.h>

/* NULL if the library was built without it. */
const char *nca__page_template(size_t *out_length);

#endif
