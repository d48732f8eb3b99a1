/* Internal: the OpenCL devices of this machine. */
#ifndef NCA_BACKEND_OPENCL_OPENCL_DEVICE_H
#define NCA_BACKEND_OPENCL_OPENCL_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/opencl/opencl_library.h"
#include "nca/status.h"

typedef struct nca__cl_device {
    cl_device_id id;
    cl_context context; /* created by nca__cl_device_use */
    bool is_gpu;        /* or another accelerator; false: OpenCL on a CPU */
    char name[128], vendor[128], driver[128], platform[128];
    uint64_t memory;     /* bytes */
    uint64_t largest;    /* bytes of one buffer */
    const char *problem; /* why its results would have other bits; NULL: it can be used */
} nca__cl_device;

/* The devices, graphics processors first, otherwise in the order of the drivers. They are looked up
 * once in a process; any thread may call this. NCA_UNSUPPORTED if OpenCL is not installed, or if
 * it was used by the process of which this is a fork, which no driver supports. Without a driver
 * there are 0 devices. */
nca_status nca__cl_devices(nca__cl_device **out_devices, size_t *out_count, nca_error *error);

/* Creates the context of a device unless it exists. NCA_DEVICE_LOST, NCA_OUT_OF_MEMORY. */
nca_status nca__cl_device_use(nca__cl_device *device, nca_error *error);

/* The status for an error of OpenCL, and "DEVICE: WHAT failed: CODE". */
nca_status nca__cl_fail(nca_error *error, const nca__cl_device *device, const char *what,
                        cl_int code);

#endif
