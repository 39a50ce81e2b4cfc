/* unzstd.c - the half of zstd that decompresses, as one object with two functions. Knows zstd's files, nothing of blobs.
 *
 * Every name of zstd's has a prefix by now (unzstd.bzl): an executable may carry another zstd, for `_zstd` or in a package. */

#include <stddef.h>
#include <stdint.h>

/* All of it, so that the compiler sees what nothing uses. */
#include "common/entropy_common.c"
#include "common/error_private.c"
#include "common/fse_decompress.c"
#include "common/xxhash.c"
#include "common/zstd_common.c"
#include "decompress/huf_decompress.c"
#include "decompress/zstd_ddict.c"
#include "decompress/zstd_decompress_block.c"
#include "decompress/zstd_decompress.c"

#define EXPORTED __attribute__((visibility("default")))

/* how many bytes a frame says that it holds; SIZE_MAX if it does not say so, or is none */
EXPORTED size_t
sb_unzstd_size(const void *frame, size_t size)
{
    unsigned long long content = sb_ZSTD_getFrameContentSize(frame, size);
    return content < SIZE_MAX - 1 ? (size_t)content : SIZE_MAX;
}

/* decompress a frame that holds exactly `room` bytes; 0, or -1 for any other */
EXPORTED int
sb_unzstd(void *target, size_t room, const void *frame, size_t size)
{
    /* One frame and nothing behind it: several may follow each other in what zstd takes. */
    size_t first = sb_ZSTD_findFrameCompressedSize(frame, size);
    if (sb_ZSTD_isError(first) || first != size) {
        return -1;
    }
    return sb_ZSTD_decompress(target, room, frame, size) == room ? 0 : -1;
}
