/* decompress.c - reads data of a blob that is compressed. Knows which functions can, if they are linked; nothing of Python. */

#include "decompress.h"

/* stdlib/recipes/unzstd.c, in executables with compressed resources only */
extern size_t sb_unzstd_size(const void *frame, size_t size) __attribute__((weak));
extern int sb_unzstd(void *target, size_t room, const void *frame, size_t size) __attribute__((weak));

int
sb_decompressed_size(struct sb_bytes data, size_t *size)
{
    if (sb_unzstd_size == NULL || sb_unzstd == NULL) {
        return -1;
    }
    *size = sb_unzstd_size(data.data, data.size);
    return *size == 0 || *size > SB_LARGEST_CONTENT ? -1 : 0;
}

int
sb_decompress(struct sb_bytes data, void *target, size_t size)
{
    return sb_unzstd == NULL ? -1 : sb_unzstd(target, size, data.data, data.size);
}
