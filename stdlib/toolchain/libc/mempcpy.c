/* mempcpy.c - copies `n` bytes, and tells where they end. */
#define ROUTINE "../mempcpy.c"
#include "level.h"

#ifdef VECTOR

#include "copy.h"

static void *LEVEL(mempcpy)(void *to, const void *from, size_t n) {
    LEVEL(copy)(to, from, n);
    return (byte *)to + n;
}

#else

void *mempcpy(void *to, const void *from, size_t n) {
    return CHOOSE(mempcpy, to, from, n);
}

#endif
