/* Looks up the OpenCL devices, and what keeps them from giving the bits of the CPU. */
#include "backend/opencl/opencl_device.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/backend.h"
#include "base/error.h"

enum {
    MOST_PLATFORMS = 16,
    MOST_DEVICES = 64
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static nca__cl_device devices[MOST_DEVICES];
static size_t device_count;
static pid_t looked_up_by; /* 0: not yet */

/* ---- What a device is ------------------------------------------------------------------------*/

static void text_of(char *out, size_t size, cl_device_id id, cl_device_info what)
{
    out[0] = 0;
    if (nca__cl.GetDeviceInfo(id, what, size, out, NULL) != CL_SUCCESS) {
        snprintf(out, size, "unknown");
    }
    out[size - 1] = 0;
    nca__clean_text(out);
}

static uint64_t number_of(cl_device_id id, cl_device_info what)
{
    cl_ulong value = 0; /* zeroed: smaller types are little-endian parts of it */
    nca__cl.GetDeviceInfo(id, what, sizeof value, &value, NULL);
    return value;
}

static bool flag_of(cl_device_id id, cl_device_info what)
{
    cl_bool value = CL_FALSE;
    nca__cl.GetDeviceInfo(id, what, sizeof value, &value, NULL);
    return value != CL_FALSE;
}

/* The kernels need IEEE's fma, denormals and rounding. */
static const char *problem_of(cl_device_id id)
{
    cl_device_fp_config single = 0;
    nca__cl.GetDeviceInfo(id, CL_DEVICE_SINGLE_FP_CONFIG, sizeof single, &single, NULL);
    if (!flag_of(id, CL_DEVICE_AVAILABLE)) {
        return "it is not available";
    }
    if (!flag_of(id, CL_DEVICE_COMPILER_AVAILABLE)) {
        return "its driver has no compiler";
    }
    if (!flag_of(id, CL_DEVICE_ENDIAN_LITTLE)) {
        return "it is big-endian";
    }
    if ((single & CL_FP_FMA) == 0) {
        return "it has no fused multiply-add";
    }
    if ((single & CL_FP_DENORM) == 0) {
        return "it flushes denormal numbers to zero";
    }
    if ((single & CL_FP_ROUND_TO_NEAREST) == 0 || (single & CL_FP_INF_NAN) == 0) {
        return "its arithmetic is not that of IEEE 754";
    }
    return NULL;
}

static nca__cl_device describe(cl_device_id id, const char *platform)
{
    nca__cl_device device = {.id = id};
    cl_device_type type = 0;
    nca__cl.GetDeviceInfo(id, CL_DEVICE_TYPE, sizeof type, &type, NULL);
    device.is_gpu = (type & (CL_DEVICE_TYPE_GPU | CL_DEVICE_TYPE_ACCELERATOR)) != 0;
    text_of(device.name, sizeof device.name, id, CL_DEVICE_NAME);
    text_of(device.vendor, sizeof device.vendor, id, CL_DEVICE_VENDOR);
    text_of(device.driver, sizeof device.driver, id, CL_DRIVER_VERSION);
    snprintf(device.platform, sizeof device.platform, "%s", platform);
    device.memory = number_of(id, CL_DEVICE_GLOBAL_MEM_SIZE);
    device.largest = number_of(id, CL_DEVICE_MAX_MEM_ALLOC_SIZE);
    device.problem = problem_of(id);
    return device;
}

/* ---- The list --------------------------------------------------------------------------------*/

static void add_platform(cl_platform_id platform, bool gpus)
{
    char name[128] = "";
    cl_device_id ids[MOST_DEVICES];
    cl_uint found = 0;
    if (nca__cl.GetPlatformInfo(platform, CL_PLATFORM_VERSION, sizeof name, name, NULL) !=
            CL_SUCCESS ||
        nca__cl.GetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, MOST_DEVICES, ids, &found) !=
            CL_SUCCESS) {
        return;
    }
    name[sizeof name - 1] = 0;
    nca__clean_text(name);
    for (cl_uint i = 0; i < found && i < MOST_DEVICES && device_count < MOST_DEVICES; i++) {
        const nca__cl_device device = describe(ids[i], name);
        if (device.is_gpu == gpus) {
            devices[device_count++] = device;
        }
    }
}

static void look_up(void)
{
    cl_platform_id platforms[MOST_PLATFORMS];
    cl_uint found = 0;
    if (nca__cl.GetPlatformIDs(MOST_PLATFORMS, platforms, &found) != CL_SUCCESS) {
        found = 0; /* what the loader answers when no driver is installed */
    }
    found = found < MOST_PLATFORMS ? found : MOST_PLATFORMS;
    for (int gpus = 1; gpus >= 0; gpus--) {
        for (cl_uint i = 0; i < found; i++) {
            add_platform(platforms[i], gpus != 0);
        }
    }
}

nca_status nca__cl_devices(nca__cl_device **out_devices, size_t *out_count, nca_error *error)
{
    nca_status status = nca__cl_open(error);
    if (status != NCA_OK) {
        return status;
    }
    pthread_mutex_lock(&mutex);
    if (looked_up_by == 0) {
        looked_up_by = getpid();
        look_up();
    }
    const bool forked = looked_up_by != getpid();
    pthread_mutex_unlock(&mutex);
    if (forked) {
        return nca__fail(error, NCA_UNSUPPORTED,
                         "OpenCL was used before this process was forked, which its drivers do "
                         "not support; start a new program instead");
    }
    *out_devices = devices;
    *out_count = device_count;
    return NCA_OK;
}

nca_status nca__cl_device_use(nca__cl_device *device, nca_error *error)
{
    cl_int code = CL_SUCCESS;
    pthread_mutex_lock(&mutex);
    if (device->context == NULL) {
        device->context = nca__cl.CreateContext(NULL, 1, &device->id, NULL, NULL, &code);
    }
    pthread_mutex_unlock(&mutex);
    return code == CL_SUCCESS ? NCA_OK : nca__cl_fail(error, device, "a context", code);
}

nca_status nca__cl_fail(nca_error *error, const nca__cl_device *device, const char *what,
                        cl_int code)
{
    const bool memory = code == CL_MEM_OBJECT_ALLOCATION_FAILURE || code == CL_OUT_OF_HOST_MEMORY;
    return nca__fail(error, memory ? NCA_OUT_OF_MEMORY : NCA_DEVICE_LOST,
                     "%s: %s failed with %s (%d)%s", device->name, what, nca__cl_error_name(code),
                     code,
                     memory ? "; lower memory_limit, the batch or the grid"
                            : "; the run can be resumed, also with device cpu");
}

nca_status nca__opencl_list(nca_device_info *out, size_t *out_count, size_t most, nca_error *error)
{
    nca__cl_device *list;
    size_t count = 0;
    const nca_status status = nca__cl_devices(&list, &count, error);
    if (status != NCA_OK) {
        return status;
    }
    count = count < most ? count : most;
    for (size_t i = 0; i < count; i++) {
        nca_device_info *info = &out[i];
        *info = (nca_device_info){.device = list[i].is_gpu ? NCA_DEVICE_GPU : NCA_DEVICE_OPENCL,
                                  .memory = list[i].memory};
        snprintf(info->title, sizeof info->title, "%s", list[i].name);
        snprintf(info->driver, sizeof info->driver, "%.120s, driver %.120s", list[i].platform,
                 list[i].driver);
        snprintf(info->problem, sizeof info->problem, "%s",
                 list[i].problem != NULL ? list[i].problem : "");
    }
    *out_count = count;
    return NCA_OK;
}
