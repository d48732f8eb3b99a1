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

#define ERROR(code) \
    {               \
        code, #code \
    }

static const struct {
    cl_int code;
    const char *name;
} errors[] = {
    ERROR(CL_DEVICE_NOT_FOUND),         ERROR(CL_DEVICE_NOT_AVAILABLE),
    ERROR(CL_COMPILER_NOT_AVAILABLE),   ERROR(CL_MEM_OBJECT_ALLOCATION_FAILURE),
    ERROR(CL_OUT_OF_RESOURCES),         ERROR(CL_OUT_OF_HOST_MEMORY),
    ERROR(CL_BUILD_PROGRAM_FAILURE),    ERROR(CL_INVALID_VALUE),
    ERROR(CL_INVALID_DEVICE),           ERROR(CL_INVALID_CONTEXT),
    ERROR(CL_INVALID_COMMAND_QUEUE),    ERROR(CL_INVALID_MEM_OBJECT),
    ERROR(CL_INVALID_BINARY),           ERROR(CL_INVALID_BUILD_OPTIONS),
    ERROR(CL_INVALID_PROGRAM),          ERROR(CL_INVALID_PROGRAM_EXECUTABLE),
    ERROR(CL_INVALID_KERNEL_NAME),      ERROR(CL_INVALID_KERNEL),
    ERROR(CL_INVALID_ARG_INDEX),        ERROR(CL_INVALID_ARG_VALUE),
    ERROR(CL_INVALID_ARG_SIZE),         ERROR(CL_INVALID_KERNEL_ARGS),
    ERROR(CL_INVALID_WORK_DIMENSION),   ERROR(CL_INVALID_WORK_GROUP_SIZE),
    ERROR(CL_INVALID_WORK_ITEM_SIZE),   ERROR(CL_INVALID_BUFFER_SIZE),
    ERROR(CL_INVALID_GLOBAL_WORK_SIZE),
};

const char *nca__cl_error_name(cl_int code)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (errors[i].code == code) {
            return errors[i].name;
        }
    }
    return "an unknown error";
}
