/* memchr.c - the first byte of a value among `n`. */
#define ROUTINE "../memchr.c"
#include "level.h"

#ifdef VECTOR

#define SIFT(v, value, unused) EQUAL8(v, value)
#define JOIN(a, b) OR(a, b)
#define FOUND(x, unused) BITS(x)
#include "scan.h"

static void *LEVEL(memchr)(const void *s, int c, size_t n) {
    if (!n)
        return NULL;
    return (void *)LEVEL(scan)(s, 1, n, SPLAT8(c), ZERO());
}

#else

void *memchr(const void *s, int c, size_t n) {
    return CHOOSE(memchr, s, c, n);
}

#endif
