/* Internal: which backend a device stands for, and what devices need of the program. */
#ifndef NCA_BACKEND_DEVICE_CHOICE_H
#define NCA_BACKEND_DEVICE_CHOICE_H

#include "backend/backend.h"

/* Sets backend and device of a batch, whose precision is set. A device that cannot be used becomes
 * the CPU; nca_device_choose is the check that a strict one can. */
void nca__backend_choose(nca__batch_options *options, nca_device device);
/* The same without the wrapper: for the batches that it contains. */
void nca__backend_choose_inner(nca__batch_options *options, nca_device device);
/* From now on nca__backend_choose gives batches of every device this backend, which wraps the
 * device's own; NULL: no longer. Any thread may call this. */
void nca__backend_wrap(const nca__backend *wrapper);
/* The device for process number `place` of those that share this machine: if several graphics
 * processors are meant by a device without a number, each process has its own. */
nca_device nca__device_of_place(nca_device device, size_t place);
/* Replaces the backend of a kind of device, in this process; NULL restores the original one.
 * Existing batches keep their backend. Any thread may call this. */
void nca__backend_register(nca_device kind, const nca__backend *backend);

/* The folder for built kernels, which need not exist; NULL: they are not kept. */
const char *nca__devices_folder(void);
/* Passes a line on to the program. */
void nca__devices_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
