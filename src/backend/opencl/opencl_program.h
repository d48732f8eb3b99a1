/* Internal: the kernels, built for the shape of an automaton.
 *
 * The sources (*.cl in this folder) are part of the library. A driver compiles them when a shape is
 * first used; the result is kept for the process and, if there is a folder for it, in a file whose
 * name has a hash of the sources, the shape, the device and the version of its driver. */
#ifndef NCA_BACKEND_OPENCL_OPENCL_PROGRAM_H
#define NCA_BACKEND_OPENCL_OPENCL_PROGRAM_H

#include "backend/opencl/opencl_device.h"
#include "nca/automaton.h"

/* The same on all devices, so that what the tests run with PoCL is what a graphics processor runs.
 * The lanes give each work-item independent sums; a processor runs those of many at once. */
enum {
    NCA__CL_LANES = 4, /* floats of a vector */
    NCA__CL_GROUP = 64 /* work-items of a group */
};

/* The program for an automaton on a device in use. It belongs to the process. Its arithmetic has
 * been compared with that of this machine. NCA_UNSUPPORTED if the driver cannot build it or
 * computes other bits; NCA_DEVICE_LOST, NCA_OUT_OF_MEMORY. */
nca_status nca__cl_program(cl_program *out_program, nca__cl_device *device,
                           const nca_automaton *automaton, nca_error *error);

#endif
