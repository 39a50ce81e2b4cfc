/* wcslen.c - how many wide characters stand before the first zero. */
#define ROUTINE "../wcslen.c"
#include "level.h"

#ifdef VECTOR

#define SIFT(v, value, unused) EQUAL32(v, value)
#define JOIN(a, b) OR(a, b)
#define FOUND(x, unused) BITS(x)
#include "scan.h"

static size_t LEVEL(wcslen)(const wchar_t *s) {
    return (size_t)((const wchar_t *)LEVEL(scan)((const byte *)s, 0, 0, ZERO(), ZERO()) - s);
}

#else

size_t wcslen(const wchar_t *s) {
    return CHOOSE(wcslen, s);
}

#endif
