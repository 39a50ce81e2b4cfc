/* jemalloc.c - reallocarray, the only function of malloc's family that jemalloc 5.3 lacks.
 *
 * Without it the C library's own would be linked, which knows nothing of jemalloc's memory. */

#include <errno.h>
#include <stdlib.h>

void *reallocarray(void *old, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, bytes);
}
