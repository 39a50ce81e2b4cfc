/* strchrnul.c - the first byte of a value in a string, or the string's end. */
#define ROUTINE "../strchrnul.c"
#include "level.h"

#ifdef VECTOR

/* Zero where the byte is the sought one or itself zero. */
#define SIFT(v, value, unused) LEAST8(XOR(v, value), v)
#define JOIN(a, b) LEAST8(a, b)
#define FOUND(x, zero) BITS(EQUAL8(x, zero))
#include "scan.h"

static char *LEVEL(strchrnul)(const char *s, int c) {
    return (char *)LEVEL(scan)((const byte *)s, 0, 0, SPLAT8(c), ZERO());
}

#else

char *__strchrnul(const char *s, int c) {
    return CHOOSE(strchrnul, s, c);
}

char *strchrnul(const char *s, int c) WEAK_ALIAS(__strchrnul);

#endif
