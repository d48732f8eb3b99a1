/* Devices: selects the backend for training, rollouts and evaluation. The devices of this machine
 * are listed by nca/devices.h. Freestanding. */
#ifndef NCA_DEVICE_H
#define NCA_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nca/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* fp32 results are bit-identical on all devices. A value is a kind, and what may be added to it. If
 * there is no such device, or it cannot do what is asked (another precision than fp32), the CPU is
 * used, unless the value is strict. */
typedef enum nca_device {
    NCA_DEVICE_CPU,
    NCA_DEVICE_CUDA,   /* another name for gpu, as in PyTorch */
    NCA_DEVICE_MPS,    /* another name for gpu, as in PyTorch */
    NCA_DEVICE_AUTO,   /* a GPU if there is one */
    NCA_DEVICE_GPU,    /* a graphics processor with an OpenCL driver */
    NCA_DEVICE_OPENCL, /* any device with an OpenCL driver: also a CPU with PoCL */
    NCA_DEVICE_COUNT,
    /* Added to a kind: (N + 1) times this for device number N of the kind, which is below
     * NCA_DEVICE_NUMBERS. Without it: the first. */
    NCA_DEVICE_NUMBER = 0x100,
    NCA_DEVICE_NUMBERS = 0xFFFF,
    /* Added: an error instead of the CPU. */
    NCA_DEVICE_STRICT = 0x1000000
} nca_device;

enum {
    NCA_DEVICE_TEXT = 32 /* bytes that hold any device as text */
};

/* From text: "cpu", "gpu", "gpu:1", "cuda:0", "gpu!" (strict), "opencl:1!". "" is auto. Returns
 * false, and leaves the output unchanged, if the text is no device. The number of a CPU is ignored.
 */
NCA_API bool nca_device_parse(nca_device *out, const char *text);
/* The text of a device, which nca_device_parse reads; returns its length. */
NCA_API size_t nca_device_text(char out[NCA_DEVICE_TEXT], nca_device device);
/* The kind; NCA_DEVICE_COUNT if the value is not valid. */
NCA_API nca_device nca_device_kind(nca_device device);
/* The number of the device among those of its kind; 0 without one. */
NCA_API size_t nca_device_number(nca_device device);
NCA_API bool nca_device_is_strict(nca_device device);

#ifdef __cplusplus
}
#endif
#endif
