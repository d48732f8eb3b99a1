/* The devices of this machine: the CPU, and what has an OpenCL driver.
 *
 * Drivers do not survive fork(): a process whose parent has called a function of this header, or
 * has used a device other than the CPU, can use the CPU only.
 *
 * Thread safety: any thread may call these functions, except nca_devices_set_up. */
#ifndef NCA_DEVICES_H
#define NCA_DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/device.h"
#include "nca/export.h"
#include "nca/precision.h"
#include "nca/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nca_device_info {
    nca_device device; /* the value that selects exactly this one: strict, with its number */
    char name[NCA_DEVICE_TEXT]; /* "cpu", "gpu:0", "opencl:1": without the mark of a strict one */
    char title[128];            /* what it is: "NVIDIA H200" */
    char driver[256];           /* and its driver; "" for the CPU */
    uint64_t memory;            /* bytes; 0 if unknown */
    char problem[512]; /* why it cannot be used; nca_device_choose: why it is not what was asked
                          for; else "" */
} nca_device_info;

/* The CPU, then the graphics processors, then other devices with an OpenCL driver. free() the list.
 * Errors: NCA_OUT_OF_MEMORY. Without OpenCL the list is the CPU, with a `problem` that says why it
 * is alone. */
NCA_API nca_status nca_devices_list(nca_device_info **out_list, size_t *out_count,
                                    nca_error *error);

/* The device that is used for a value of nca_device and a precision. Errors: NCA_UNSUPPORTED (the
 * value is strict, and there is no such device or it cannot be used; the message says what there
 * is), NCA_INVALID_ARGUMENT (the value is none). `out` may be NULL. */
NCA_API nca_status nca_device_choose(nca_device_info *out, nca_device device,
                                     nca_precision precision, nca_error *error);

/* What devices need of a program; for the whole process. */
typedef struct nca_devices_options {
    /* A folder for kernels that a driver has built, so that the next process need not; NULL: they
     * are not kept. It is created when needed. */
    const char *folder;
    /* Called with a line for the user, by the thread that uses a device; NULL: nothing is said. */
    void (*notice)(const char *text, void *user);
    void *user;
    uint64_t reserved[NCA_RESERVED]; /* 0: reserved for later options (nca/export.h) */
} nca_devices_options;

/* No folder, no notices. */
NCA_API void nca_devices_options_default(nca_devices_options *out);
/* Call this before other functions of the library, if at all. The options are copied. Errors:
 * NCA_INVALID_ARGUMENT, NCA_LIMIT (the name of the folder is too long). */
NCA_API nca_status nca_devices_set_up(const nca_devices_options *options, nca_error *error);

#ifdef __cplusplus
}
#endif
#endif
