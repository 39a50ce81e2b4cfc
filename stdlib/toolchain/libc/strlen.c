/* strlen.c - how many bytes stand before the first zero. */
#define ROUTINE "../strlen.c"
#include "level.h"

#ifdef VECTOR

#define SIFT(v, unused, zero) (v)
#define JOIN(a, b) LEAST8(a, b)
#define FOUND(x, zero) BITS(EQUAL8(x, zero))
#include "scan.h"

static size_t LEVEL(strlen)(const char *s) {
    return (size_t)(LEVEL(scan)((const byte *)s, 0, 0, ZERO(), ZERO()) - (const byte *)s);
}

#else

size_t strlen(const char *s) {
    return CHOOSE(strlen, s);
}

#endif
