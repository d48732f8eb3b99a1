/* Internal: memory sizes as text. */
#ifndef NCA_BASE_SIZE_TEXT_H
#define NCA_BASE_SIZE_TEXT_H

#include <stddef.h>

enum {
    NCA__SIZE_TEXT = 32
};

/* "12 bytes", "3.4 MiB"; returns `out`. */
const char *nca__size_text(char out[NCA__SIZE_TEXT], size_t bytes);

#endif
