/* Uses CPUID and XGETBV to find out which instruction sets can run. Nothing is cached. */
#if defined(__x86_64__)
#include "kernels/x86.h"

#include <cpuid.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    XSAVE_AVX = 0x06,    /* SSE and AVX registers */
    XSAVE_AVX512 = 0xE6, /* and the AVX-512 masks and registers */
    XSAVE_TILES = 3 << 17,
};

/* Bits of XCR0: the registers that the operating system saves; 0 if this is unknown. */
static uint32_t saved_registers(void)
{
    unsigned eax;
    unsigned ebx;
    unsigned ecx;
    unsigned edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || (ecx & bit_OSXSAVE) == 0) {
        return 0;
    }
    uint32_t low;
    uint32_t high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

const char *nca__x86_missing_avx2(void)
{
    unsigned eax;
    unsigned ebx;
    unsigned ecx;
    unsigned edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || (ecx & bit_FMA) == 0) {
        return "FMA";
    }
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || (ebx & bit_AVX2) == 0) {
        return "AVX2";
    }
    if ((saved_registers() & XSAVE_AVX) != XSAVE_AVX) {
        return "operating system support for the AVX registers";
    }
    return NULL;
}

const char *nca__x86_missing_avx512(void)
{
    const char *missing = nca__x86_missing_avx2();
    if (missing != NULL) {
        return missing;
    }
    unsigned eax;
    unsigned ebx;
    unsigned ecx;
    unsigned edx;
    const unsigned needed = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || (ebx & needed) != needed) {
        return "AVX-512 (F, BW, DQ, VL)";
    }
    if ((saved_registers() & XSAVE_AVX512) != XSAVE_AVX512) {
        return "operating system support for the AVX-512 registers";
    }
    return NULL;
}

const char *nca__x86_missing_avx512_vnni(void)
{
    const char *missing = nca__x86_missing_avx512();
    unsigned eax;
    unsigned ebx;
    unsigned ecx;
    unsigned edx;
    if (missing == NULL &&
        (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || (ecx & bit_AVX512VNNI) == 0)) {
        missing = "AVX-512 VNNI";
    }
    return missing;
}

const char *nca__x86_missing_avx512_bf16(void)
{
    enum {
        AVX512_BF16 = 1 << 5 /* in eax of leaf 7.1 */
    };
    const char *missing = nca__x86_missing_avx512();
    unsigned eax;
    unsigned ebx;
    unsigned ecx;
    unsigned edx;
    if (missing == NULL &&
        (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || eax < 1 ||
         !__get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) || (eax & AVX512_BF16) == 0)) {
        missing = "AVX512-BF16";
    }
    return missing;
}

/* Tiles are 8 kB of registers to save per thread, so Linux requires programs to request them. */
static bool tiles_granted(void)
{
#if defined(__linux__)
    enum {
        SYSTEM_CALL_ARCH_PRCTL = 158,
        ARCH_REQ_XCOMP_PERM = 0x1023,
        XFEATURE_TILEDATA = 18,
    };
    long result = SYSTEM_CALL_ARCH_PRCTL;
    __asm__ volatile("syscall"
                     : "+a"(result)
                     : "D"(ARCH_REQ_XCOMP_PERM), "S"(XFEATURE_TILEDATA)
                     : "rcx", "r11", "memory");
    return result == 0;
#else
    return false;
#endif
}

/* `needed`: required bits of edx of leaf 7, in addition to those of tiles themselves. */
static const char *missing_amx(unsigned needed, const char *name)
{
    enum {
        AMX_TILE = 1 << 24
    };
    unsigned eax;
    unsigned ebx;
    unsigned ecx;
    unsigned edx;
    needed |= AMX_TILE;
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || (edx & needed) != needed) {
        return name;
    }
    if ((saved_registers() & XSAVE_TILES) != XSAVE_TILES || !tiles_granted()) {
        return "operating system support for the AMX tiles";
    }
    return NULL;
}

const char *nca__x86_missing_amx_int8(void)
{
    const char *missing = nca__x86_missing_avx512_vnni();
    return missing != NULL ? missing : missing_amx(1u << 25, "AMX-INT8");
}

const char *nca__x86_missing_amx_bf16(void)
{
    const char *missing = nca__x86_missing_avx512_bf16();
    return missing != NULL ? missing : missing_amx(1u << 22, "AMX-BF16");
}
#else
typedef int nca__no_x86; /* an empty file is not C */
#endif
