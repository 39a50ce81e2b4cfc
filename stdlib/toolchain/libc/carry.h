/* carry.h - copies a string as far as its first zero while it looks for it: for strcpy, strncpy and what is made of them.
 *
 * Needs copy.h. Source and destination do not overlap, as C has it for all of these.
 */
#include "copy.h"

#define ZEROS(v) BITS(EQUAL8(v, ZERO()))

/* The zeros among a string's first bytes: a vector of them, fewer where one of those is zero or `n` are no more. `*v` gets the vector. */
ALWAYS_INLINE MASK LEVEL(first_zeros)(const byte *from, size_t n, VECTOR *v) {
    if (UNLIKELY(page_offset(from) > PAGE - WIDTH)) {
        const byte *p = align_down(from, WIDTH);
        MASK zeros = ZEROS(LOAD(p)) >> (from - p);
        if (zeros || n <= (size_t)(p + WIDTH - from))
            return zeros;
        /* The string goes on in the next page. */
    }
    *v = LOAD_ANY(from);
    return ZEROS(*v);
}

/* Copy a string with its zero. Returns where that now is. */
ALWAYS_INLINE byte *LEVEL(carry)(byte *to, const byte *from) {
    VECTOR v = ZERO();
    MASK zeros = LEVEL(first_zeros)(from, SIZE_MAX, &v);
    if (zeros) {
        size_t size = FIRST(zeros);
        if (size == WIDTH - 1)
            STORE_ANY(to, v);
        else
            LEVEL(copy_few)(to, from, size + 1);
        return to + size;
    }
    STORE_ANY(to, v);
    ptrdiff_t shift = (intptr_t)to - (intptr_t)from;
    const byte *p = align_down(from, WIDTH) + WIDTH;
    for (;;) {
        if ((uintptr_t)p % (4 * WIDTH) == 0) {
            for (;; p += 4 * WIDTH) {
                VECTOR a = LOAD(p), b = LOAD(p + WIDTH), c = LOAD(p + 2 * WIDTH), d = LOAD(p + 3 * WIDTH);
                if (ZEROS(LEAST8(LEAST8(a, b), LEAST8(c, d))))
                    break;
                STORE_ANY((byte *)(p + shift), a);
                STORE_ANY((byte *)(p + shift + WIDTH), b);
                STORE_ANY((byte *)(p + shift + 2 * WIDTH), c);
                STORE_ANY((byte *)(p + shift + 3 * WIDTH), d);
            }
        }
        v = LOAD(p);
        if ((zeros = ZEROS(v)))
            break;
        STORE_ANY((byte *)(p + shift), v);
        p += WIDTH;
    }
    /* What is left, as the end of a vector whose beginning was copied before. */
    p += FIRST(zeros);
    STORE_ANY((byte *)(p + shift + 1 - WIDTH), LOAD_ANY(p + 1 - WIDTH));
    return (byte *)(p + shift);
}

/* Copy a string without its zero, `n` bytes at most. Returns where it ends now. `n` may be anything but 0. */
ALWAYS_INLINE byte *LEVEL(carry_some)(byte *to, const byte *from, size_t n) {
    VECTOR v = ZERO();
    MASK zeros = LEVEL(first_zeros)(from, n, &v);
    if (zeros || n < WIDTH) {
        size_t size = zeros && FIRST(zeros) < n ? FIRST(zeros) : n;
        LEVEL(copy_few)(to, from, size);
        return to + size;
    }
    STORE_ANY(to, v);
    ptrdiff_t shift = (intptr_t)to - (intptr_t)from;
    const byte *p = align_down(from, WIDTH) + WIDTH, *end = from + n;
    for (;;) {
        if ((uintptr_t)p % (4 * WIDTH) == 0) {
            for (; end - p >= 4 * WIDTH; p += 4 * WIDTH) {
                VECTOR a = LOAD(p), b = LOAD(p + WIDTH), c = LOAD(p + 2 * WIDTH), d = LOAD(p + 3 * WIDTH);
                if (ZEROS(LEAST8(LEAST8(a, b), LEAST8(c, d))))
                    break;
                STORE_ANY((byte *)(p + shift), a);
                STORE_ANY((byte *)(p + shift + WIDTH), b);
                STORE_ANY((byte *)(p + shift + 2 * WIDTH), c);
                STORE_ANY((byte *)(p + shift + 3 * WIDTH), d);
            }
        }
        if (p >= end) {
            p = end;
            break;
        }
        v = LOAD(p);
        zeros = ZEROS(v);
        if (zeros || end - p < WIDTH) {
            p = zeros && (ptrdiff_t)FIRST(zeros) < end - p ? p + FIRST(zeros) : end;
            break;
        }
        STORE_ANY((byte *)(p + shift), v);
        p += WIDTH;
    }
    STORE_ANY((byte *)(p + shift - WIDTH), LOAD_ANY(p - WIDTH));
    return (byte *)(p + shift);
}
