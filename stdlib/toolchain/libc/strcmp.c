/* strcmp.c - compares two strings as unsigned bytes. */
#define ROUTINE "../strcmp.c"
#include "level.h"

#ifdef VECTOR

#include "order.h"

static int LEVEL(strcmp)(const char *a, const char *b) {
    return LEVEL(order)((const byte *)a, (const byte *)b, SIZE_MAX);
}

#else

int strcmp(const char *a, const char *b) {
    return CHOOSE(strcmp, a, b);
}

#endif
