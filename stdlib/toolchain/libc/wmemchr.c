/* wmemchr.c - the first wide character of a value among `n`. */
#define ROUTINE "../wmemchr.c"
#include "level.h"

#ifdef VECTOR

#define SIFT(v, value, unused) EQUAL32(v, value)
#define JOIN(a, b) OR(a, b)
#define FOUND(x, unused) BITS(x)
#include "scan.h"

static wchar_t *LEVEL(wmemchr)(const wchar_t *s, wchar_t c, size_t n) {
    if (!n)
        return NULL;
    size_t size = n > SIZE_MAX / sizeof(wchar_t) ? SIZE_MAX : n * sizeof(wchar_t);
    return (wchar_t *)LEVEL(scan)((const byte *)s, 1, size, SPLAT32(c), ZERO());
}

#else

wchar_t *wmemchr(const wchar_t *s, wchar_t c, size_t n) {
    return CHOOSE(wmemchr, s, c, n);
}

#endif
