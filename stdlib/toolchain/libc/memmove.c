/* memmove.c - copies `n` bytes between places that may overlap. */
#define ROUTINE "../memmove.c"
#include "level.h"

#ifdef VECTOR

#include "copy.h"

static void *LEVEL(memmove)(void *to, const void *from, size_t n) {
    LEVEL(copy)(to, from, n);
    return to;
}

#else

void *memmove(void *to, const void *from, size_t n) {
    return CHOOSE(memmove, to, from, n);
}

#endif
