/* Devices: selects the backend for training, rollouts and evaluation. Freestanding. */
#ifndef NCA_DEVICE_H
#define NCA_DEVICE_H

#ifdef __cplusplus
extern "C" {
#endif

/* fp32 results are bit-identical on all devices. */
typedef enum nca_device {
    NCA_DEVICE_CPU,
    NCA_DEVICE_CUDA, /* both names of a GPU are accepted; everything runs on the CPU */
    NCA_DEVICE_MPS,
    NCA_DEVICE_AUTO, /* whatever is available */
    NCA_DEVICE_COUNT
} nca_device;

#ifdef __cplusplus
}
#endif
#endif
