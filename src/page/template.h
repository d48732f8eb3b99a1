/* Internal: the page as it was built (web/), with marks where a page's own contents go. */
#ifndef NCA_PAGE_TEMPLATE_H
#define NCA_PAGE_TEMPLATE_H

#include <stddef.h>

/* NULL where the library was built without it. */
const char *nca__page_template(size_t *out_length);

#endif
