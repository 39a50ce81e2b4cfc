/* memset.c - sets `n` bytes to one value. */
#define ROUTINE "../memset.c"
#include "level.h"

#ifdef VECTOR

#include "fill.h"

static void *LEVEL(memset)(void *to, int c, size_t n) {
    LEVEL(fill)(to, c, n);
    return to;
}

#else

void *memset(void *to, int c, size_t n) {
    return CHOOSE(memset, to, c, n);
}

#endif
