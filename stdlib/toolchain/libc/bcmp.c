/* bcmp.c - tells whether `n` bytes differ. Compilers call it for a memcmp whose sign nobody looks at. */
#define ROUTINE "../bcmp.c"
#include "level.h"

#define DIFFERENCE(a, b, i) 1

#ifdef VECTOR

#include "compare.h"

static int LEVEL(bcmp)(const void *a, const void *b, size_t n) {
    return LEVEL(compare)(a, b, n);
}

#else

int bcmp(const void *a, const void *b, size_t n) {
    return CHOOSE(bcmp, a, b, n);
}

#endif
