/* memcpy.c - copies `n` bytes to another place; it is a memmove, because programs get it wrong. */
#define ROUTINE "../memcpy.c"
#include "level.h"

#ifdef VECTOR

#include "copy.h"

static void *LEVEL(memcpy)(void *to, const void *from, size_t n) {
    LEVEL(copy)(to, from, n);
    return to;
}

#else

void *memcpy(void *to, const void *from, size_t n) {
    return CHOOSE(memcpy, to, from, n);
}

#endif
