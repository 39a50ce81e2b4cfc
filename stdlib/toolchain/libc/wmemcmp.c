/* wmemcmp.c - compares `n` wide characters; the sign is that of the first two that differ, as musl's signed wchar_t. */
#define ROUTINE "../wmemcmp.c"
#include "level.h"

#define DIFFERENCE(a, b, i) (((const int *)(a))[(i) / 4] < ((const int *)(b))[(i) / 4] ? -1 : 1)

#ifdef VECTOR

#include "compare.h"

static int LEVEL(wmemcmp)(const wchar_t *a, const wchar_t *b, size_t n) {
    return LEVEL(compare)((const byte *)a, (const byte *)b, n * sizeof(wchar_t));
}

#else

int wmemcmp(const wchar_t *a, const wchar_t *b, size_t n) {
    return CHOOSE(wmemcmp, a, b, n);
}

#endif
