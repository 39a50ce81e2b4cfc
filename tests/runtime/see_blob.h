/* see_blob.h - what the two fuzzers of blob.c share. */

#ifndef SEE_BLOB_H
#define SEE_BLOB_H

#include "blob.h"
#include "decompress.h"

/* how many pieces of data were decompressed so far */
extern uint64_t decompressed;

/* read every byte that an open blob offers; the sum of them all, so that no compiler leaves the reading out */
uint64_t see_blob(const struct sb_blob *blob);

#endif
