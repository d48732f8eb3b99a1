/* Loads the functions of OpenCL, and names its errors. */
#include "backend/opencl/opencl_library.h"

#include <stddef.h>

nca__cl_functions nca__cl;

static nca__library library = {
    .file = NCA_FILE_OPENCL,
    .package = "ocl-icd-libopencl1",
    .purpose = "graphics processors",
    .names = (const char *const[]){NCA__CL_FUNCTIONS(NCA__LIBRARY_NAME) NULL},
    .functions = &nca__cl,
};

nca_status nca__cl_open(nca_error *error)
{
    return nca__library_open(&library, error);
}

#define ERRORS(X)                                                                                \
    X(CL_DEVICE_NOT_FOUND)                                                                       \
    X(CL_DEVICE_NOT_AVAILABLE) X(CL_COMPILER_NOT_AVAILABLE) X(CL_MEM_OBJECT_ALLOCATION_FAILURE)  \
        X(CL_OUT_OF_RESOURCES) X(CL_OUT_OF_HOST_MEMORY) X(CL_BUILD_PROGRAM_FAILURE)              \
            X(CL_INVALID_VALUE) X(CL_INVALID_DEVICE) X(CL_INVALID_CONTEXT)                       \
                X(CL_INVALID_COMMAND_QUEUE) X(CL_INVALID_MEM_OBJECT) X(CL_INVALID_BINARY)        \
                    X(CL_INVALID_BUILD_OPTIONS) X(CL_INVALID_PROGRAM)                            \
                        X(CL_INVALID_PROGRAM_EXECUTABLE) X(CL_INVALID_KERNEL_NAME)               \
                            X(CL_INVALID_KERNEL) X(CL_INVALID_ARG_INDEX) X(CL_INVALID_ARG_VALUE) \
                                X(CL_INVALID_ARG_SIZE) X(CL_INVALID_KERNEL_ARGS)                 \
                                    X(CL_INVALID_WORK_DIMENSION) X(CL_INVALID_WORK_GROUP_SIZE)   \
                                        X(CL_INVALID_WORK_ITEM_SIZE) X(CL_INVALID_BUFFER_SIZE)   \
                                            X(CL_INVALID_GLOBAL_WORK_SIZE)

const char *nca__cl_error_name(cl_int code)
{
    switch (code) {
#define X(name) \
    case name:  \
        return #name;
        ERRORS(X)
#undef X
    default:
        return "an unknown error";
    }
}
