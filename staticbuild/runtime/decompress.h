/* decompress.h - reads data of a blob that is compressed. Knows which functions can, if they are linked; nothing of Python.
 *
 * Nothing in such data is trusted: any bytes are what was compressed, or damaged. Memory is the caller's. */

#ifndef SB_DECOMPRESS_H
#define SB_DECOMPRESS_H

#include "blob.h"

/* how many bytes compressed data holds; 0, or -1 when it is damaged or nothing here can read it */
int sb_decompressed_size(struct sb_bytes data, size_t *size);

/* decompress to `target`, which has room for `size` bytes, which must be what the data holds; 0, or -1 */
int sb_decompress(struct sb_bytes data, void *target, size_t size);

#endif
