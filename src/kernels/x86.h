/* Internal: what an x86-64 processor and its operating system offer. */
#ifndef NCA_KERNELS_X86_H
#define NCA_KERNELS_X86_H

/* NULL when the set can run here, else what is lacking. The operating system counts too: it must
 * save the wide registers when it switches tasks. */
const char *nca__x86_missing_avx2(void);
const char *nca__x86_missing_avx512(void);
const char *nca__x86_missing_avx512_vnni(void);
const char *nca__x86_missing_avx512_bf16(void);
/* These also ask Linux for leave to use tiles, which it gives the process for good. */
const char *nca__x86_missing_amx_int8(void);
const char *nca__x86_missing_amx_bf16(void);

#endif
