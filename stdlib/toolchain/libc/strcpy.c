/* strcpy.c - copies a string. */
#define ROUTINE "../strcpy.c"
#include "level.h"

#ifdef VECTOR

#include "carry.h"

static char *LEVEL(strcpy)(char *to, const char *from) {
    LEVEL(carry)((byte *)to, (const byte *)from);
    return to;
}

#else

char *strcpy(char *to, const char *from) {
    return CHOOSE(strcpy, to, from);
}

#endif
