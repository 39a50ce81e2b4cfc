/* memcmp.c - compares `n` bytes; the sign is that of the first two that differ, as unsigned numbers. */
#define ROUTINE "../memcmp.c"
#include "level.h"

#define DIFFERENCE(a, b, i) ((a)[i] - (b)[i])

#ifdef VECTOR

#include "compare.h"

static int LEVEL(memcmp)(const void *a, const void *b, size_t n) {
    return LEVEL(compare)(a, b, n);
}

#else

int memcmp(const void *a, const void *b, size_t n) {
    return CHOOSE(memcmp, a, b, n);
}

#endif
