/* stpncpy.c - copies a string's first `n` bytes, fills what is left of them with zeros, and tells where those begin. */
#define ROUTINE "../stpncpy.c"
#include "level.h"

#ifdef VECTOR

#include "carry.h"
#include "fill.h"

static char *LEVEL(stpncpy)(char *to, const char *from, size_t n) {
    if (!n)
        return to;
    byte *end = LEVEL(carry_some)((byte *)to, (const byte *)from, n);
    LEVEL(fill)(end, 0, (size_t)((byte *)to + n - end));
    return (char *)end;
}

#else

char *__stpncpy(char *to, const char *from, size_t n) {
    return CHOOSE(stpncpy, to, from, n);
}

char *stpncpy(char *to, const char *from, size_t n) WEAK_ALIAS(__stpncpy);

#endif
