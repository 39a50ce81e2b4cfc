/* strncmp.c - compares two strings as unsigned bytes, `n` at most. */
#define ROUTINE "../strncmp.c"
#include "level.h"

#ifdef VECTOR

#include "order.h"

static int LEVEL(strncmp)(const char *a, const char *b, size_t n) {
    return LEVEL(order)((const byte *)a, (const byte *)b, n);
}

#else

int strncmp(const char *a, const char *b, size_t n) {
    return CHOOSE(strncmp, a, b, n);
}

#endif
