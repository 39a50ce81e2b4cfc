/* memrchr.c - the last byte of a value among `n`. */
#define ROUTINE "../memrchr.c"
#include "level.h"

#ifdef VECTOR

static void *LEVEL(memrchr)(const void *start, int c, size_t n) {
    const byte *s = start, *p = s + n;
    VECTOR value = SPLAT8(c);
    MASK hits;
    if (n < WIDTH) {
        if (!n)
            return NULL;
        if (LIKELY(page_offset(s) <= PAGE - WIDTH)) {
            hits = BITS(EQUAL8(LOAD_ANY(s), value)) & LOW_BITS(n);
            return hits ? (void *)(s + LAST(hits)) : NULL;
        }
        /* So near to the end of a page, a vector that ends with the bytes begins in the same one. */
        hits = BITS(EQUAL8(LOAD_ANY(p - WIDTH), value));
        const byte *hit = p - WIDTH + (hits ? LAST(hits) : 0);
        return hits && hit >= s ? (void *)hit : NULL;
    }
    p -= WIDTH;
    hits = BITS(EQUAL8(LOAD_ANY(p), value));
    if (hits)
        return (void *)(p + LAST(hits));
    /* From here on all that lies at or after `p` has been seen. */
    p = align_down(p + WIDTH - 1, WIDTH);
    while ((size_t)(p - s) >= 4 * WIDTH) {
        p -= 4 * WIDTH;
        VECTOR a = EQUAL8(LOAD(p), value);
        VECTOR b = EQUAL8(LOAD(p + WIDTH), value);
        VECTOR e = EQUAL8(LOAD(p + 2 * WIDTH), value);
        VECTOR d = EQUAL8(LOAD(p + 3 * WIDTH), value);
        if (BITS(OR(OR(a, b), OR(e, d)))) {
            uint64_t low = BITS(a) | (uint64_t)BITS(b) << WIDTH;
            uint64_t high = BITS(e) | (uint64_t)BITS(d) << WIDTH;
            return (void *)(high ? p + 2 * WIDTH + 63 - __builtin_clzll(high) : p + 63 - __builtin_clzll(low));
        }
    }
    while ((size_t)(p - s) >= WIDTH) {
        p -= WIDTH;
        hits = BITS(EQUAL8(LOAD(p), value));
        if (hits)
            return (void *)(p + LAST(hits));
    }
    /* What is left is part of the first vector; the rest of that holds nothing. */
    hits = BITS(EQUAL8(LOAD_ANY(s), value));
    return hits ? (void *)(s + LAST(hits)) : NULL;
}

#else

void *__memrchr(const void *s, int c, size_t n) {
    return CHOOSE(memrchr, s, c, n);
}

void *memrchr(const void *s, int c, size_t n) WEAK_ALIAS(__memrchr);

#endif
