/* Internal: how much memory this process may use. */
#ifndef NCA_BASE_MACHINE_MEMORY_H
#define NCA_BASE_MACHINE_MEMORY_H

#include <stddef.h>

/* The machine's physical memory, or the limit of the control group when that is lower; SIZE_MAX
 * when neither can be found out. */
size_t nca__machine_memory(void);

#endif
