/* strncpy.c - copies a string's first `n` bytes, and fills what is left of them with zeros. */
#define ROUTINE "../strncpy.c"
#include "level.h"

#ifdef VECTOR

#include "carry.h"
#include "fill.h"

static char *LEVEL(strncpy)(char *to, const char *from, size_t n) {
    if (!n)
        return to;
    byte *end = LEVEL(carry_some)((byte *)to, (const byte *)from, n);
    LEVEL(fill)(end, 0, (size_t)((byte *)to + n - end));
    return to;
}

#else

char *strncpy(char *to, const char *from, size_t n) {
    return CHOOSE(strncpy, to, from, n);
}

#endif
