/* The devices of this machine, and the choice of one. */
#include "backend/device_choice.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/machine_memory.h"
#include "nca/machine.h"

enum {
    MOST_DEVICES = 64,
    PATH_SIZE = 4000,
    NOTICE_SIZE = 1200
};

static const nca__backend *registered[NCA_DEVICE_COUNT], *wrapping;
static char folder[PATH_SIZE];
static void (*say)(const char *text, void *user);
static void *say_to;

/* ---- The list --------------------------------------------------------------------------------*/

static nca_device_info cpu_info(void)
{
    nca_device_info info = {.device = NCA_DEVICE_CPU, .name = "cpu"};
    const size_t memory = nca__machine_memory();
    info.memory = memory < SIZE_MAX ? memory : 0;
    snprintf(info.title, sizeof info.title, "%u cores, kernels %s", nca_core_count(),
             nca_kernels_name(nca_kernels_best()));
    return info;
}

/* Names the devices: gpu:N counts graphics processors, opencl:N all devices. */
static void name_devices(nca_device_info *list, size_t count)
{
    unsigned gpus = 0;
    for (unsigned i = 0; i < count; i++) {
        const bool gpu = list[i].device == NCA_DEVICE_GPU;
        const unsigned number = gpu ? gpus++ : i;
        const unsigned value = (unsigned)list[i].device + (number + 1) * NCA_DEVICE_NUMBER;
        nca_device_text(list[i].name, (nca_device)value);
        list[i].device = (nca_device)(value | NCA_DEVICE_STRICT);
    }
}

nca_status nca_devices_list(nca_device_info **out_list, size_t *out_count, nca_error *error)
{
    nca_device_info *list = calloc(1 + MOST_DEVICES, sizeof *list);
    if (list == NULL) {
        return nca__fail_memory(error, "the list of devices", (1 + MOST_DEVICES) * sizeof *list);
    }
    size_t count = 0;
    nca_error reason = {.message = ""};
    list[0] = cpu_info();
    if (nca__opencl_list(list + 1, &count, MOST_DEVICES, &reason) != NCA_OK) {
        snprintf(list[0].problem, sizeof list[0].problem, "%.*s", (int)sizeof list[0].problem - 1,
                 reason.message);
        count = 0;
    } else if (count == 0) {
        snprintf(list[0].problem, sizeof list[0].problem,
                 "OpenCL has no driver for any device here");
    }
    name_devices(list + 1, count);
    *out_list = list;
    *out_count = 1 + count;
    return NCA_OK;
}

/* ---- The choice ------------------------------------------------------------------------------*/

/* Whether a device of the list is one of those that a kind numbers. */
static bool is_of_kind(const nca_device_info *listed, nca_device kind)
{
    return kind == NCA_DEVICE_OPENCL || nca_device_kind(listed->device) == NCA_DEVICE_GPU;
}

/* The index, in the list, of the device that a value means; 0 and the reason if there is none. */
static size_t find(char *why, size_t size, const nca_device_info *list, size_t count,
                   nca_device device)
{
    const size_t wanted = nca_device_number(device);
    size_t place = 0;
    for (size_t i = 1; i < count; i++) {
        if (!is_of_kind(&list[i], nca_device_kind(device))) {
            continue;
        }
        if (place++ == wanted) {
            if (list[i].problem[0] != 0) {
                snprintf(why, size, "%s (%.80s) cannot be used: %.100s", list[i].name,
                         list[i].title, list[i].problem);
                return 0;
            }
            return i;
        }
    }
    if (count == 1) {
        snprintf(why, size, "%.*s", (int)size - 1, list[0].problem);
    } else if (place == 0) {
        snprintf(why, size, "no graphics processor was found");
    } else {
        snprintf(why, size, "there is no number %zu: %zu device%s found, counted from 0", wanted,
                 place, place == 1 ? " was" : "s were");
    }
    return 0;
}

/* The device for a value, or else the CPU with a reason, in `out`; returns its index in the list.
 */
static size_t choose(nca_device_info *out, nca_device device, nca_precision precision)
{
    nca_device_info *list;
    size_t count, index = 0;
    char why[sizeof out->problem] = "";
    const nca_device kind = nca_device_kind(device);
    if (kind == NCA_DEVICE_CPU || nca_devices_list(&list, &count, NULL) != NCA_OK) {
        *out = cpu_info();
        return 0;
    }
    if (precision != NCA_PRECISION_FP32) {
        snprintf(why, sizeof why, "graphics processors compute in fp32 only, and precision is %s",
                 nca_precision_name(precision));
    } else {
        index = find(why, sizeof why, list, count, device);
    }
    *out = list[index];
    memcpy(out->problem, why, sizeof why);
    free(list);
    return index;
}

nca_status nca_device_choose(nca_device_info *out, nca_device device, nca_precision precision,
                             nca_error *error)
{
    const nca_device kind = nca_device_kind(device);
    if (kind == NCA_DEVICE_COUNT) {
        return nca__fail(error, NCA_INVALID_ARGUMENT,
                         "device: expected a device of nca_device, found %u", (unsigned)device);
    }
    nca_device_info chosen;
    const size_t index = choose(&chosen, device, precision);
    if (nca_device_is_strict(device) && index == 0 && kind != NCA_DEVICE_CPU &&
        __atomic_load_n(&registered[kind], __ATOMIC_ACQUIRE) == NULL) {
        char text[NCA_DEVICE_TEXT];
        nca_device_text(text, device);
        return nca__fail(error, NCA_UNSUPPORTED,
                         "device: %s: %s; without the exclamation mark the CPU is used, and `nca "
                         "info --devices` lists what there is",
                         text, chosen.problem);
    }
    if (out != NULL) {
        *out = chosen;
    }
    return NCA_OK;
}

void nca__backend_choose_inner(nca__batch_options *options, nca_device device)
{
    const nca_device kind = nca_device_kind(device);
    const nca__backend *other =
        kind < NCA_DEVICE_COUNT ? __atomic_load_n(&registered[kind], __ATOMIC_ACQUIRE) : NULL;
    options->backend = &nca__backend_cpu;
    options->device = 0;
    options->wanted = device;
    if (other != NULL) {
        options->backend = other;
    } else if (kind != NCA_DEVICE_CPU) {
        nca_device_info chosen;
        const size_t index = choose(&chosen, device, options->precision);
        if (index > 0) {
            options->backend = &nca__backend_opencl;
            options->device = index - 1;
        }
    }
}

void nca__backend_choose(nca__batch_options *options, nca_device device)
{
    const nca__backend *wrapper = __atomic_load_n(&wrapping, __ATOMIC_ACQUIRE);
    if (wrapper == NULL) {
        nca__backend_choose_inner(options, device);
        return;
    }
    options->backend = wrapper;
    options->device = 0;
    options->wanted = device;
}

void nca__backend_wrap(const nca__backend *wrapper)
{
    __atomic_store_n(&wrapping, wrapper, __ATOMIC_RELEASE);
}

nca_device nca__device_of_place(nca_device device, size_t place)
{
    nca_device_info *list;
    size_t count, numbers[MOST_DEVICES], usable = 0, number = 0;
    const nca_device kind = nca_device_kind(device);
    if (kind == NCA_DEVICE_CPU || (unsigned)device % NCA_DEVICE_STRICT >= NCA_DEVICE_NUMBER ||
        nca_devices_list(&list, &count, NULL) != NCA_OK) {
        return device;
    }
    for (size_t i = 1; i < count; i++) {
        if (is_of_kind(&list[i], kind)) {
            if (list[i].problem[0] == 0) {
                numbers[usable++] = number;
            }
            number++;
        }
    }
    free(list);
    return usable == 0 ? device
                       : (nca_device)((unsigned)device +
                                      ((unsigned)numbers[place % usable] + 1) * NCA_DEVICE_NUMBER);
}

void nca__backend_register(nca_device kind, const nca__backend *backend)
{
    __atomic_store_n(&registered[kind], backend, __ATOMIC_RELEASE);
}

/* ---- What devices need of the program --------------------------------------------------------*/

void nca_devices_options_default(nca_devices_options *out)
{
    *out = (nca_devices_options){.folder = NULL};
}

nca_status nca_devices_set_up(const nca_devices_options *options, nca_error *error)
{
    const nca_status status =
        nca__check_reserved(options->reserved, NCA_RESERVED, "nca_devices_options", error);
    if (status != NCA_OK) {
        return status;
    }
    const size_t length = options->folder != NULL ? strlen(options->folder) : 0;
    if (length >= sizeof folder) {
        return nca__fail(error, NCA_LIMIT,
                         "folder: expected a name of at most %zu bytes, found %zu",
                         sizeof folder - 1, length);
    }
    snprintf(folder, sizeof folder, "%s", options->folder != NULL ? options->folder : "");
    say = options->notice;
    say_to = options->user;
    return NCA_OK;
}

const char *nca__devices_folder(void)
{
    return folder[0] != 0 ? folder : NULL;
}

void nca__devices_notice(const char *format, ...)
{
    char text[NOTICE_SIZE];
    if (say == NULL) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    say(text, say_to);
}
