/* stpcpy.c - copies a string, and tells where its copy ends. */
#define ROUTINE "../stpcpy.c"
#include "level.h"

#ifdef VECTOR

#include "carry.h"

static char *LEVEL(stpcpy)(char *to, const char *from) {
    return (char *)LEVEL(carry)((byte *)to, (const byte *)from);
}

#else

char *__stpcpy(char *to, const char *from) {
    return CHOOSE(stpcpy, to, from);
}

char *stpcpy(char *to, const char *from) WEAK_ALIAS(__stpcpy);

#endif
