/* Internal: OpenCL, loaded when a device other than the CPU is first asked for. clFinish(q) is
 * called as nca__cl.Finish(q).
 *
 * libOpenCL.so.1 is the loader of the drivers that are installed (NVIDIA's, AMD's, Intel's, PoCL);
 * nothing is linked with it. Only functions of OpenCL 1.2 are used. */
#ifndef NCA_BACKEND_OPENCL_OPENCL_LIBRARY_H
#define NCA_BACKEND_OPENCL_OPENCL_LIBRARY_H

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include "base/library.h"
#include "nca/status.h"

#define NCA__CL_FUNCTIONS(F)       \
    F(cl, GetPlatformIDs)          \
    F(cl, GetPlatformInfo)         \
    F(cl, GetDeviceIDs)            \
    F(cl, GetDeviceInfo)           \
    F(cl, CreateContext)           \
    F(cl, CreateCommandQueue)      \
    F(cl, ReleaseCommandQueue)     \
    F(cl, CreateProgramWithSource) \
    F(cl, CreateProgramWithBinary) \
    F(cl, BuildProgram)            \
    F(cl, GetProgramInfo)          \
    F(cl, GetProgramBuildInfo)     \
    F(cl, ReleaseProgram)          \
    F(cl, CreateKernel)            \
    F(cl, ReleaseKernel)           \
    F(cl, SetKernelArg)            \
    F(cl, CreateBuffer)            \
    F(cl, ReleaseMemObject)        \
    F(cl, EnqueueNDRangeKernel)    \
    F(cl, EnqueueReadBuffer)       \
    F(cl, EnqueueWriteBuffer)      \
    F(cl, Finish)

typedef struct nca__cl_functions {
    NCA__CL_FUNCTIONS(NCA__LIBRARY_POINTER)
} nca__cl_functions;

extern nca__cl_functions nca__cl;

/* NCA_UNSUPPORTED, with the package to install, if the loader is not installed. Any thread may call
 * this. */
nca_status nca__cl_open(nca_error *error);

/* "CL_OUT_OF_RESOURCES" for an error code of OpenCL 1.2; "an unknown error" for others. */
const char *nca__cl_error_name(cl_int code);

#endif
