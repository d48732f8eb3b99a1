/* What computes: the choice of a backend for a training, a rollout or an evaluation. Freestanding.
 */
#ifndef NCA_DEVICE_H
#define NCA_DEVICE_H

#ifdef __cplusplus
extern "C" {
#endif

/* The results in fp32 are the same bits on every device. */
typedef enum nca_device {
    NCA_DEVICE_CPU,
    NCA_DEVICE_CUDA, /* a GPU by either name is accepted; everything runs on the CPU */
    NCA_DEVICE_MPS,
    NCA_DEVICE_AUTO, /* what there is */
    NCA_DEVICE_COUNT
} nca_device;

#ifdef __cplusplus
}
#endif
#endif
