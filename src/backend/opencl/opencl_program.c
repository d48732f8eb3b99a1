/* Builds, checks and keeps the programs. */
#include "backend/opencl/opencl_program.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/device_choice.h"
#include "base/error.h"
#include "base/file.h"
#include "base/fnv1a.h"
#include "nca/files.h"

/* The sources, embedded one after the other. */
__asm__(".pushsection .rodata\n"
        ".globl nca__cl_source\n"
        ".globl nca__cl_source_end\n"
        ".hidden nca__cl_source\n"
        ".hidden nca__cl_source_end\n"
        "nca__cl_source:\n"
        ".incbin \"" NCA_OPENCL_SOURCES "/common.cl\"\n"
        ".incbin \"" NCA_OPENCL_SOURCES "/check.cl\"\n"
        ".incbin \"" NCA_OPENCL_SOURCES "/step.cl\"\n"
        ".incbin \"" NCA_OPENCL_SOURCES "/backward.cl\"\n"
        "nca__cl_source_end:\n"
        ".byte 0\n"
        ".popsection\n");

extern const char nca__cl_source[], nca__cl_source_end[];

enum {
    OPTIONS = 512,
    MOST_BINARY = 256 << 20 /* bytes of a file that is worth reading */
};

typedef struct kept {
    struct kept *next;
    const nca__cl_device *device;
    char options[OPTIONS];
    cl_program program;
} kept;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static kept *programs;

static void write_options(char out[OPTIONS], const nca_automaton *automaton)
{
    snprintf(out, OPTIONS,
             "-cl-std=CL1.2 -DC=%u -DN=%u -DK=%zu -DINPUT_CHANNELS=%u -DLEARNED=%d -DBOUNDARY=%d "
             "-DALIVE=%d -DOUTPUT_BIAS=%d -DLANES=%d -DGROUP=%d",
             automaton->channels, automaton->hidden, nca_perception_maps(automaton),
             automaton->input_channels, automaton->filter == NCA_FILTER_LEARNED,
             (int)automaton->boundary, (int)automaton->alive_channel, automaton->output_bias,
             NCA__CL_LANES, NCA__CL_GROUP);
}

/* ---- Files -----------------------------------------------------------------------------------*/

static uint64_t add_text(uint64_t hash, const char *text)
{
    return nca__fnv1a(hash, text, strlen(text) + 1);
}

/* The file of a program; false if programs are not kept in files. */
static bool file_of(char *out, size_t size, const nca__cl_device *device, const char *options)
{
    const char *folder = nca__devices_folder();
    if (folder == NULL) {
        return false;
    }
    uint64_t hash =
        nca__fnv1a(NCA__FNV1A_START, nca__cl_source, (size_t)(nca__cl_source_end - nca__cl_source));
    hash = add_text(hash, options);
    hash = add_text(hash, device->name);
    hash = add_text(hash, device->driver);
    hash = add_text(hash, device->platform);
    const int length =
        snprintf(out, size, "%s/opencl-%016llx.bin", folder, (unsigned long long)hash);
    return length > 0 && (size_t)length < size;
}

/* A file is the binary and a hash of it: a driver may crash on a damaged one. */
static cl_program read_program(const nca__cl_device *device, const char *path)
{
    uint8_t *bytes;
    size_t size;
    if (nca__file_read(&bytes, &size, path, MOST_BINARY, NULL) != NCA_OK) {
        return NULL;
    }
    uint64_t hash = 0;
    cl_program program = NULL;
    if (size > sizeof hash) {
        size -= sizeof hash;
        memcpy(&hash, bytes + size, sizeof hash);
        if (hash == nca__fnv1a(NCA__FNV1A_START, bytes, size)) {
            const unsigned char *binary = bytes;
            cl_int loaded, code;
            program = nca__cl.CreateProgramWithBinary(device->context, 1, &device->id, &size,
                                                      &binary, &loaded, &code);
        }
    }
    free(bytes);
    if (program != NULL &&
        nca__cl.BuildProgram(program, 1, &device->id, "", NULL, NULL) != CL_SUCCESS) {
        nca__cl.ReleaseProgram(program);
        program = NULL;
    }
    return program;
}

/* Without the file the next process builds again; that is no error, but it is told. */
static void write_program(cl_program program, const char *path)
{
    nca_error error;
    size_t size = 0;
    if (nca__cl.GetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, NULL) !=
            CL_SUCCESS ||
        size == 0 || size > MOST_BINARY) {
        return;
    }
    unsigned char *bytes = malloc(size + sizeof(uint64_t));
    if (bytes != NULL && nca__cl.GetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof bytes, &bytes,
                                                NULL) == CL_SUCCESS) {
        const uint64_t hash = nca__fnv1a(NCA__FNV1A_START, bytes, size);
        memcpy(bytes + size, &hash, sizeof hash);
        nca_status status = nca_folder_create(nca__devices_folder(), &error);
        if (status == NCA_OK) {
            status = nca__file_write(path, bytes, size + sizeof hash, &error);
        }
        if (status != NCA_OK) {
            nca__devices_notice("device: the kernels are not kept for the next time: %s",
                                error.message);
        }
    }
    free(bytes);
}

/* ---- Building --------------------------------------------------------------------------------*/

/* The last lines of the compiler are those of the error that stopped it. */
static nca_status fail_build(nca_error *error, const nca__cl_device *device, cl_program program,
                             cl_int code)
{
    size_t size = 0;
    nca__cl.GetProgramBuildInfo(program, device->id, CL_PROGRAM_BUILD_LOG, 0, NULL, &size);
    char *log = calloc(1, size + 1);
    if (log != NULL) {
        nca__cl.GetProgramBuildInfo(program, device->id, CL_PROGRAM_BUILD_LOG, size, log, NULL);
    }
    const char *text = log != NULL && log[0] != 0 ? log : "without a message";
    const nca_status status =
        nca__fail(error, NCA_UNSUPPORTED,
                  "%s: its driver (%s) cannot build the kernels: %s: %.600s; update the driver, or "
                  "use device cpu",
                  device->name, device->driver, nca__cl_error_name(code), text);
    free(log);
    return status;
}

static nca_status build(cl_program *out_program, const nca__cl_device *device, const char *options,
                        nca_error *error)
{
    nca__devices_notice("device: building the kernels for %s", device->name);
    cl_int code;
    const char *source = nca__cl_source;
    const size_t length = (size_t)(nca__cl_source_end - nca__cl_source);
    cl_program program =
        nca__cl.CreateProgramWithSource(device->context, 1, &source, &length, &code);
    if (program == NULL) {
        return nca__cl_fail(error, device, "a program", code);
    }
    code = nca__cl.BuildProgram(program, 1, &device->id, options, NULL, NULL);
    if (code != CL_SUCCESS) {
        const nca_status status = fail_build(error, device, program, code);
        nca__cl.ReleaseProgram(program);
        return status;
    }
    *out_program = program;
    return NCA_OK;
}

/* ---- The check of the arithmetic -------------------------------------------------------------*/

enum {
    CHECKED = 64
};

/* Values of all sizes, denormals among them, from a simple generator. */
static void draw_operands(float values[3][CHECKED])
{
    uint32_t word = 1;
    for (size_t i = 0; i < 3 * CHECKED; i++) {
        word = word * 1664525u + 1013904223u;
        const int exponent = (int)(word >> 24) % 40 - 20;
        const int place = (int)(i % CHECKED);
        const int tiny = place % 4 == 0 ? (i < CHECKED               ? -120
                                           : i < (size_t)2 * CHECKED ? -10
                                                                     : -130)
                                        : 0;
        values[i / CHECKED][place] =
            ldexpf((float)((int)(word & 0xFFFFFFu) - 0x800000), exponent - 23 + tiny);
    }
}

static bool same_bits(const float *found, const float values[3][CHECKED])
{
    for (size_t i = 0; i < CHECKED; i++) {
        float sum = values[2][i];
        for (int k = 0; k < 3; k++) {
            sum = fmaf(values[0][i], values[1][i], sum);
        }
        const float product = values[0][i] * values[1][i];
        const float expected[2] = {sum, product + values[2][i]};
        if (memcmp(expected, found + 2 * i, sizeof expected) != 0) {
            return false;
        }
    }
    return true;
}

/* Runs the kernel; CL_SUCCESS and the results, or the first error. */
static cl_int run_check(float found[2 * CHECKED], const nca__cl_device *device, cl_program program,
                        float values[3][CHECKED])
{
    cl_int code;
    cl_mem buffers[4] = {NULL};
    cl_command_queue queue = nca__cl.CreateCommandQueue(device->context, device->id, 0, &code);
    cl_kernel kernel = code == CL_SUCCESS ? nca__cl.CreateKernel(program, "check", &code) : NULL;
    for (cl_uint i = 0; i < 4 && code == CL_SUCCESS; i++) {
        const size_t bytes = (i == 0 ? 2 : 1) * CHECKED * sizeof(float);
        buffers[i] = nca__cl.CreateBuffer(
            device->context, i == 0 ? CL_MEM_READ_WRITE : CL_MEM_READ_ONLY | CL_MEM_COPY_HOST_PTR,
            bytes, i == 0 ? NULL : values[i - 1], &code);
        code = code == CL_SUCCESS ? nca__cl.SetKernelArg(kernel, i, sizeof buffers[i], &buffers[i])
                                  : code;
    }
    const size_t items = CHECKED;
    if (code == CL_SUCCESS) {
        code = nca__cl.EnqueueNDRangeKernel(queue, kernel, 1, NULL, &items, NULL, 0, NULL, NULL);
    }
    if (code == CL_SUCCESS) {
        code = nca__cl.EnqueueReadBuffer(queue, buffers[0], CL_TRUE, 0, 2 * CHECKED * sizeof(float),
                                         found, 0, NULL, NULL);
    }
    for (size_t i = 0; i < 4; i++) {
        if (buffers[i] != NULL) {
            nca__cl.ReleaseMemObject(buffers[i]);
        }
    }
    if (kernel != NULL) {
        nca__cl.ReleaseKernel(kernel);
    }
    if (queue != NULL) {
        nca__cl.ReleaseCommandQueue(queue);
    }
    return code;
}

static nca_status check(const nca__cl_device *device, cl_program program, nca_error *error)
{
    float values[3][CHECKED];
    float found[2 * CHECKED];
    draw_operands(values);
    const cl_int code = run_check(found, device, program, values);
    if (code != CL_SUCCESS) {
        return nca__cl_fail(error, device, "the check of its arithmetic", code);
    }
    return same_bits(found, values)
               ? NCA_OK
               : nca__fail(error, NCA_UNSUPPORTED,
                           "%s: its fused multiply-add has other bits than that of the CPU "
                           "(driver %s); update the driver, or use device cpu",
                           device->name, device->driver);
}

/* ---- Programs of the process -----------------------------------------------------------------*/

static nca_status make(cl_program *out_program, const nca__cl_device *device, const char *options,
                       nca_error *error)
{
    char path[4096];
    const bool has_file = file_of(path, sizeof path, device, options);
    cl_program program = has_file ? read_program(device, path) : NULL;
    const bool built = program == NULL;
    nca_status status = built ? build(&program, device, options, error) : NCA_OK;
    if (status == NCA_OK) {
        status = check(device, program, error);
        if (status != NCA_OK) {
            nca__cl.ReleaseProgram(program);
        }
    }
    if (status == NCA_OK) {
        if (built && has_file) {
            write_program(program, path);
        }
        *out_program = program;
    }
    return status;
}

nca_status nca__cl_program(cl_program *out_program, nca__cl_device *device,
                           const nca_automaton *automaton, nca_error *error)
{
    kept wanted = {.device = device};
    write_options(wanted.options, automaton);
    /* The lock is held while a driver compiles, so that no program is built twice. */
    pthread_mutex_lock(&mutex);
    kept *found = programs;
    while (found != NULL &&
           (found->device != device || strcmp(found->options, wanted.options) != 0)) {
        found = found->next;
    }
    nca_status status = NCA_OK;
    if (found == NULL) {
        found = malloc(sizeof *found);
        status = found == NULL ? nca__fail_memory(error, "a program", sizeof *found)
                               : make(&wanted.program, device, wanted.options, error);
        if (status == NCA_OK) {
            wanted.next = programs;
            *found = wanted;
            programs = found;
        } else {
            free(found);
        }
    }
    if (status == NCA_OK) {
        *out_program = found->program;
    }
    pthread_mutex_unlock(&mutex);
    return status;
}
