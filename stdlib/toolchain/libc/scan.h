/* scan.h - goes forward through bytes until one of them is what the routine looks for.
 *
 * Read, once for each level, by routines that define what that is: SIFT(v, first, second) makes something of each vector, JOIN(a, b)
 * puts two of those together, and FOUND(x, second) has a bit for each byte where there is a hit in one of them.
 *
 * Stops at the first hit even where more bytes were announced than there are, as C11 wants of memchr (7.24.5.1). All loads but
 * the first are aligned, so that what is read beyond the end lies in one page with what is not.
 */

/* Where in a block of four vectors at `p` the first hit is, given that there is one. */
ALWAYS_INLINE const byte *LEVEL(locate)(const byte *p, VECTOR a, VECTOR b, VECTOR c, VECTOR d, VECTOR second) {
    (void)second;
    uint64_t low = FOUND(a, second) | (uint64_t)FOUND(b, second) << WIDTH;
    uint64_t high = FOUND(c, second) | (uint64_t)FOUND(d, second) << WIDTH;
    return low ? p + __builtin_ctzll(low) : p + 2 * WIDTH + __builtin_ctzll(high);
}

/* The first hit from `s` on, or, if `bounded`, NULL if there is none before `s + n`. `n` may be anything but 0. */
ALWAYS_INLINE const byte *LEVEL(scan)(const byte *s, int bounded, size_t n, VECTOR first, VECTOR second) {
    (void)first, (void)second;
    const byte *end = n > UINTPTR_MAX - (uintptr_t)s ? (const byte *)UINTPTR_MAX : s + n;
    const byte *p = align_down(s, WIDTH);
    MASK hits;
    if (LIKELY(page_offset(s) <= PAGE - WIDTH))
        hits = FOUND(SIFT(LOAD_ANY(s), first, second), second);
    else
        hits = FOUND(SIFT(LOAD(p), first, second), second) >> (s - p);
    if (hits) {
        const byte *hit = s + FIRST(hits);
        return bounded && hit >= end ? NULL : hit;
    }
    p += WIDTH;
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        if (bounded && p >= end)
            return NULL;
        hits = FOUND(SIFT(LOAD(p), first, second), second);
        if (hits) {
            const byte *hit = p + FIRST(hits);
            return bounded && hit >= end ? NULL : hit;
        }
        p += WIDTH;
    }
    for (p = align_down(p, 4 * WIDTH); !bounded || p < end; p += 4 * WIDTH) {
        VECTOR a = SIFT(LOAD(p), first, second);
        VECTOR b = SIFT(LOAD(p + WIDTH), first, second);
        VECTOR c = SIFT(LOAD(p + 2 * WIDTH), first, second);
        VECTOR d = SIFT(LOAD(p + 3 * WIDTH), first, second);
        if (FOUND(JOIN(JOIN(a, b), JOIN(c, d)), second)) {
            const byte *hit = LEVEL(locate)(p, a, b, c, d, second);
            return bounded && hit >= end ? NULL : hit;
        }
    }
    return NULL;
}
