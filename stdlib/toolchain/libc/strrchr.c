/* strrchr.c - the last byte of a value in a string; the zero at its end is one of them. */
#define ROUTINE "../strrchr.c"
#include "level.h"

#ifdef VECTOR

/* Of the bits for hits, those up to and with the one for the first zero. */
#define UP_TO_END(hits, zeros) ((hits) & ((zeros) ^ ((zeros)-1)))

static char *LEVEL(strrchr)(const char *string, int c) {
    const byte *s = (const byte *)string, *p = align_down(s, WIDTH), *last = NULL;
    VECTOR value = SPLAT8(c), zero = ZERO(), v;
    MASK before = (MASK)(ALL_BITS << (s - p)), hits, zeros;
    v = LOAD(p);
    hits = BITS(EQUAL8(v, value)) & before;
    zeros = BITS(EQUAL8(v, zero)) & before;
    while (!zeros) {
        if (hits)
            last = p + LAST(hits);
        p += WIDTH;
        if ((uintptr_t)p % (2 * WIDTH) == 0) {
            /* Two at a time, until one of them holds a hit or the end. */
            VECTOR w;
            for (;; p += 2 * WIDTH) {
                v = LOAD(p);
                w = LOAD(p + WIDTH);
                VECTOR none = LEAST8(LEAST8(XOR(v, value), v), LEAST8(XOR(w, value), w));
                if (BITS(EQUAL8(none, zero)))
                    break;
            }
        } else
            v = LOAD(p);
        hits = BITS(EQUAL8(v, value));
        zeros = BITS(EQUAL8(v, zero));
    }
    hits = UP_TO_END(hits, zeros);
    return (char *)(hits ? p + LAST(hits) : last);
}

#undef UP_TO_END

#else

char *strrchr(const char *s, int c) {
    return CHOOSE(strrchr, s, c);
}

#endif
