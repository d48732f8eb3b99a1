/* Internal: how much memory this process may use. */
#ifndef NCA_BASE_MACHINE_MEMORY_H
#define NCA_BASE_MACHINE_MEMORY_H

#include <stddef.h>

/* The machine's physical memory, or the limit of the control group if that is lower; SIZE_MAX if
 * neither can be determined. */
size_t nca__machine_memory(void);

#endif
