/* strchr.c - the first byte of a value in a string; the zero at its end is one of them. */
#define ROUTINE "../strchr.c"
#include "level.h"

#ifdef VECTOR

/* Zero where the byte is the sought one or itself zero. */
#define SIFT(v, value, unused) LEAST8(XOR(v, value), v)
#define JOIN(a, b) LEAST8(a, b)
#define FOUND(x, zero) BITS(EQUAL8(x, zero))
#include "scan.h"

static char *LEVEL(strchr)(const char *s, int c) {
    const byte *hit = LEVEL(scan)((const byte *)s, 0, 0, SPLAT8(c), ZERO());
    return *hit == (byte)c ? (char *)hit : NULL;
}

#else

char *strchr(const char *s, int c) {
    return CHOOSE(strchr, s, c);
}

#endif
