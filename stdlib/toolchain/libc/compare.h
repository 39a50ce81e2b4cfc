/* compare.h - compares bytes at two places, for memcmp, bcmp and wmemcmp. Knows nothing of what the first difference means.
 *
 * Read by routines that define DIFFERENCE(a, b, i), the result where the first bytes that differ are those at `i`.
 */

#define SAME(a, b) EQUAL8(LOAD_ANY(a), LOAD_ANY(b))

/* Fewer bytes than a vector has, near the end of a page. */
static __attribute__((noinline)) int LEVEL(compare_few)(const byte *a, const byte *b, size_t n) {
    size_t i = 0;
    for (; n - i >= 8; i += 8) {
        uint64_t differing = *(const any64 *)(a + i) ^ *(const any64 *)(b + i);
        if (differing)
            return DIFFERENCE(a, b, i + (size_t)__builtin_ctzll(differing) / 8);
    }
    for (; i < n; i++)
        if (a[i] != b[i])
            return DIFFERENCE(a, b, i);
    return 0;
}

/* From `i` on, vector by vector; the last one ends with the bytes. What is before `i` is equal, and no less than a vector. */
ALWAYS_INLINE int LEVEL(compare_rest)(const byte *a, const byte *b, size_t i, size_t n) {
    for (;; i += WIDTH) {
        if (n - i < WIDTH)
            i = n - WIDTH;
        MASK differing = BITS(SAME(a + i, b + i)) ^ ALL_BITS;
        if (differing)
            return DIFFERENCE(a, b, i + FIRST(differing));
        if (n - i == WIDTH)
            return 0;
    }
}

ALWAYS_INLINE int LEVEL(compare)(const byte *a, const byte *b, size_t n) {
    MASK differing;
    if (n < WIDTH) {
        if (!n)
            return 0;
        if (UNLIKELY(page_offset(a) > PAGE - WIDTH || page_offset(b) > PAGE - WIDTH))
            return LEVEL(compare_few)(a, b, n);
        differing = (BITS(SAME(a, b)) ^ ALL_BITS) & LOW_BITS(n);
        return differing ? DIFFERENCE(a, b, FIRST(differing)) : 0;
    }
    differing = BITS(SAME(a, b)) ^ ALL_BITS;
    if (differing)
        return DIFFERENCE(a, b, FIRST(differing));
    const byte *x = a + n, *y = b + n;
    if (n <= 2 * WIDTH) {
        differing = BITS(SAME(x - WIDTH, y - WIDTH)) ^ ALL_BITS;
        return differing ? DIFFERENCE(a, b, n - WIDTH + FIRST(differing)) : 0;
    }
    size_t i = WIDTH;
    if (n <= 8 * WIDTH) {
        /* Mostly all is equal: seen with two branches, whatever the size. */
        if (n > 4 * WIDTH) {
            VECTOR same = AND(SAME(a + WIDTH, b + WIDTH), SAME(a + 2 * WIDTH, b + 2 * WIDTH));
            same = AND(same, SAME(a + 3 * WIDTH, b + 3 * WIDTH));
            if (BITS(AND(same, SAME(x - 4 * WIDTH, y - 4 * WIDTH))) != ALL_BITS)
                return LEVEL(compare_rest)(a, b, i, n);
            i = n - 3 * WIDTH;
        }
        VECTOR same = AND(SAME(a + i, b + i), SAME(x - 2 * WIDTH, y - 2 * WIDTH));
        if (BITS(AND(same, SAME(x - WIDTH, y - WIDTH))) == ALL_BITS)
            return 0;
        return LEVEL(compare_rest)(a, b, i, n);
    }
    /* Loads of the first operand are aligned; where both stand at the same place of a cache line, so are the other's. */
    for (i -= (uintptr_t)a % WIDTH; n - i > 4 * WIDTH; i += 4 * WIDTH) {
        VECTOR same = AND(SAME(a + i, b + i), SAME(a + i + WIDTH, b + i + WIDTH));
        VECTOR same2 = AND(SAME(a + i + 2 * WIDTH, b + i + 2 * WIDTH), SAME(a + i + 3 * WIDTH, b + i + 3 * WIDTH));
        if (BITS(AND(same, same2)) != ALL_BITS)
            break;
    }
    return LEVEL(compare_rest)(a, b, i, n);
}
