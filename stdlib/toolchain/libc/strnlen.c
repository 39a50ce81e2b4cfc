/* strnlen.c - how many bytes stand before the first zero, `n` at most. */
#define ROUTINE "../strnlen.c"
#include "level.h"

#ifdef VECTOR

#define SIFT(v, unused, zero) (v)
#define JOIN(a, b) LEAST8(a, b)
#define FOUND(x, zero) BITS(EQUAL8(x, zero))
#include "scan.h"

static size_t LEVEL(strnlen)(const char *s, size_t n) {
    if (!n)
        return 0;
    const byte *end = LEVEL(scan)((const byte *)s, 1, n, ZERO(), ZERO());
    return end ? (size_t)(end - (const byte *)s) : n;
}

#else

size_t strnlen(const char *s, size_t n) {
    return CHOOSE(strnlen, s, n);
}

#endif
