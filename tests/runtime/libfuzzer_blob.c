/* libfuzzer_blob.c - what libFuzzer calls with bytes that it made up: `python -m bench.fuzz`. */

#include <stdlib.h>
#include <string.h>

#include "see_blob.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sb_blob blob;
    /* a block of exactly that size, so that AddressSanitizer sees a byte read outside of it */
    uint8_t *bytes = malloc(size ? size : 1);

    if (bytes == NULL) {
        return 0;
    }
    memcpy(bytes, data, size);
    if (sb_blob_open(&blob, bytes, size) == NULL) {
        static volatile uint64_t seen;
        seen = see_blob(&blob);
        (void)seen;
    }
    free(bytes);
    return 0;
}
