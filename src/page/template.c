/* The bytes of the page, embedded in the library. */
#include "page/template.h"

#ifdef NCA_PAGE_TEMPLATE
__asm__(".pushsection .rodata\n"
        ".globl nca__page_bytes\n"
        ".globl nca__page_bytes_end\n"
        ".hidden nca__page_bytes\n"
        ".hidden nca__page_bytes_end\n"
        "nca__page_bytes:\n"
        ".incbin \"" NCA_PAGE_TEMPLATE "\"\n"
        "nca__page_bytes_end:\n"
        ".byte 0\n"
        ".popsection\n");

extern const char nca__page_bytes[], nca__page_bytes_end[];

const char *nca__page_template(size_t *out_length)
{
    *out_length = (size_t)(nca__page_bytes_end - nca__page_bytes);
    return nca__page_bytes;
}
#else
const char *nca__page_template(size_t *out_length)
{
    *out_length = 0;
    return NULL;
}
#endif
