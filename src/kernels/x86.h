/* Internal: features of x86-64 CPUs and their operating system. */
#ifndef NCA_KERNELS_X86_H
#define NCA_KERNELS_X86_H

/* NULL if the set can run on this machine, else the missing feature. The operating system must also
 * save the wide registers when it switches tasks. */
const char *nca__x86_missing_avx2(void);
const char *nca__x86_missing_avx512(void);
const char *nca__x86_missing_avx512_vnni(void);
const char *nca__x86_missing_avx512_bf16(void);
/* These also request permission from Linux to use tiles, which is permanent for the process. */
const char *nca__x86_missing_amx_int8(void);
const char *nca__x86_missing_amx_bf16(void);

#endif
