/* order.h - compares two strings up to `n` bytes, for strcmp and strncmp. */

/* Zero in the bytes at which the comparison ends: they differ, or both are zero. */
#define AGREEMENT(a, b) LEAST8(EQUAL8(a, b), a)
#define ENDING(a, b) BITS(EQUAL8(AGREEMENT(a, b), ZERO()))

ALWAYS_INLINE int LEVEL(order)(const byte *a, const byte *b, size_t n) {
    size_t i = 0;
    MASK ends;
    if (!n)
        return 0;
    for (;;) {
        /* How many bytes can be read of both before one of them comes to the end of a page. */
        size_t offset = page_offset(a + i), other = page_offset(b + i);
        size_t room = PAGE - (offset > other ? offset : other);
        for (; room >= 4 * WIDTH && n - i > 4 * WIDTH; room -= 4 * WIDTH, i += 4 * WIDTH) {
            VECTOR v = AGREEMENT(LOAD_ANY(a + i), LOAD_ANY(b + i));
            VECTOR v1 = AGREEMENT(LOAD_ANY(a + i + WIDTH), LOAD_ANY(b + i + WIDTH));
            VECTOR v2 = AGREEMENT(LOAD_ANY(a + i + 2 * WIDTH), LOAD_ANY(b + i + 2 * WIDTH));
            VECTOR v3 = AGREEMENT(LOAD_ANY(a + i + 3 * WIDTH), LOAD_ANY(b + i + 3 * WIDTH));
            if (BITS(EQUAL8(LEAST8(LEAST8(v, v1), LEAST8(v2, v3)), ZERO())))
                break;
        }
        for (; room >= WIDTH; room -= WIDTH) {
            ends = ENDING(LOAD_ANY(a + i), LOAD_ANY(b + i));
            if (ends) {
                i += FIRST(ends);
                return i < n ? a[i] - b[i] : 0;
            }
            i += WIDTH;
            if (i >= n)
                return 0;
        }
        if (i >= WIDTH) {
            /* A vector that ends with the page: what it sees a second time is equal, and no end. */
            i -= WIDTH - room;
            ends = ENDING(LOAD_ANY(a + i), LOAD_ANY(b + i));
            if (ends) {
                i += FIRST(ends);
                return i < n ? a[i] - b[i] : 0;
            }
            i += WIDTH;
        } else {
            for (; room; room--, i++)
                if (i >= n)
                    return 0;
                else if (a[i] != b[i] || !a[i])
                    return a[i] - b[i];
        }
        if (i >= n)
            return 0;
    }
}
