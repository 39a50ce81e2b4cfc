/* copy.h - copies bytes, for memcpy, memmove and what is made of them. The two places may overlap.
 *
 * Small sizes load everything before they store anything. Others load what the loop would overwrite or overrun first: the ends.
 */

/* Below the size of one vector. */
ALWAYS_INLINE void LEVEL(copy_few)(byte *to, const byte *from, size_t n) {
#if WIDTH > 16
    if (n >= 16) {
        half head = *(const half *)from, tail = *(const half *)(from + n - 16);
        *(half *)to = head;
        *(half *)(to + n - 16) = tail;
        return;
    }
#endif
    if (n >= 8) {
        uint64_t head = *(const any64 *)from, tail = *(const any64 *)(from + n - 8);
        *(any64 *)to = head;
        *(any64 *)(to + n - 8) = tail;
    } else if (n >= 4) {
        uint32_t head = *(const any32 *)from, tail = *(const any32 *)(from + n - 4);
        *(any32 *)to = head;
        *(any32 *)(to + n - 4) = tail;
    } else if (n >= 2) {
        uint16_t head = *(const any16 *)from, tail = *(const any16 *)(from + n - 2);
        *(any16 *)to = head;
        *(any16 *)(to + n - 2) = tail;
    } else if (n)
        *to = *from;
}

/* More than eight vectors, downwards: the destination begins inside of the source. */
static void LEVEL(copy_down)(byte *to, const byte *from, size_t n) {
    VECTOR h0 = LOAD_ANY(from), h1 = LOAD_ANY(from + WIDTH), h2 = LOAD_ANY(from + 2 * WIDTH), h3 = LOAD_ANY(from + 3 * WIDTH);
    VECTOR last = LOAD_ANY(from + n - WIDTH);
    byte *p = to + n;
    p = (byte *)align_down(p - 1, WIDTH);
    const byte *q = from + (p - to);
    do {
        VECTOR a = LOAD_ANY(q - WIDTH), b = LOAD_ANY(q - 2 * WIDTH), c = LOAD_ANY(q - 3 * WIDTH), d = LOAD_ANY(q - 4 * WIDTH);
        STORE(p - WIDTH, a);
        STORE(p - 2 * WIDTH, b);
        STORE(p - 3 * WIDTH, c);
        STORE(p - 4 * WIDTH, d);
        p -= 4 * WIDTH;
        q -= 4 * WIDTH;
    } while (p - to > 4 * WIDTH);
    STORE_ANY(to + n - WIDTH, last);
    STORE_ANY(to, h0);
    STORE_ANY(to + WIDTH, h1);
    STORE_ANY(to + 2 * WIDTH, h2);
    STORE_ANY(to + 3 * WIDTH, h3);
}

/* More than eight vectors, upwards. */
static void LEVEL(copy_up)(byte *to, const byte *from, size_t n) {
    const byte *tail = from + n - 4 * WIDTH;
    VECTOR first = LOAD_ANY(from);
    VECTOR t0 = LOAD_ANY(tail), t1 = LOAD_ANY(tail + WIDTH), t2 = LOAD_ANY(tail + 2 * WIDTH), t3 = LOAD_ANY(tail + 3 * WIDTH);
    byte *p = (byte *)align_down(to + WIDTH, WIDTH), *end = to + n - 4 * WIDTH;
    const byte *q = from + (p - to);
    if (UNLIKELY(n >= LARGE_COPY) && (size_t)(from - to) >= n && n >= __sb_beyond_cache()) {
        /* Past the caches: no line of the destination is read to be overwritten, and what others have there stays. */
        do {
            PREFETCH(q + 1024);
            PREFETCH(q + 1024 + 4 * WIDTH - 64);
            VECTOR a = LOAD_ANY(q), b = LOAD_ANY(q + WIDTH), c = LOAD_ANY(q + 2 * WIDTH), d = LOAD_ANY(q + 3 * WIDTH);
            STORE_BEYOND_CACHE(p, a);
            STORE_BEYOND_CACHE(p + WIDTH, b);
            STORE_BEYOND_CACHE(p + 2 * WIDTH, c);
            STORE_BEYOND_CACHE(p + 3 * WIDTH, d);
            p += 4 * WIDTH;
            q += 4 * WIDTH;
        } while (p < end);
        STORES_BEFORE_OTHERS();
    } else {
        do {
            VECTOR a = LOAD_ANY(q), b = LOAD_ANY(q + WIDTH), c = LOAD_ANY(q + 2 * WIDTH), d = LOAD_ANY(q + 3 * WIDTH);
            STORE(p, a);
            STORE(p + WIDTH, b);
            STORE(p + 2 * WIDTH, c);
            STORE(p + 3 * WIDTH, d);
            p += 4 * WIDTH;
            q += 4 * WIDTH;
        } while (p < end);
    }
    STORE_ANY(to, first);
    STORE_ANY(end, t0);
    STORE_ANY(end + WIDTH, t1);
    STORE_ANY(end + 2 * WIDTH, t2);
    STORE_ANY(end + 3 * WIDTH, t3);
}

ALWAYS_INLINE void LEVEL(copy)(byte *to, const byte *from, size_t n) {
    if (n < WIDTH) {
        LEVEL(copy_few)(to, from, n);
    } else if (n <= 2 * WIDTH) {
        VECTOR head = LOAD_ANY(from), tail = LOAD_ANY(from + n - WIDTH);
        STORE_ANY(to, head);
        STORE_ANY(to + n - WIDTH, tail);
    } else if (n <= 4 * WIDTH) {
        const byte *end = from + n - 2 * WIDTH;
        VECTOR a = LOAD_ANY(from), b = LOAD_ANY(from + WIDTH), c = LOAD_ANY(end), d = LOAD_ANY(end + WIDTH);
        STORE_ANY(to, a);
        STORE_ANY(to + WIDTH, b);
        STORE_ANY(to + n - 2 * WIDTH, c);
        STORE_ANY(to + n - WIDTH, d);
    } else if (n <= 8 * WIDTH) {
        const byte *end = from + n - 4 * WIDTH;
        VECTOR a = LOAD_ANY(from), b = LOAD_ANY(from + WIDTH), c = LOAD_ANY(from + 2 * WIDTH), d = LOAD_ANY(from + 3 * WIDTH);
        VECTOR e = LOAD_ANY(end), f = LOAD_ANY(end + WIDTH), g = LOAD_ANY(end + 2 * WIDTH), h = LOAD_ANY(end + 3 * WIDTH);
        STORE_ANY(to, a);
        STORE_ANY(to + WIDTH, b);
        STORE_ANY(to + 2 * WIDTH, c);
        STORE_ANY(to + 3 * WIDTH, d);
        STORE_ANY(to + n - 4 * WIDTH, e);
        STORE_ANY(to + n - 3 * WIDTH, f);
        STORE_ANY(to + n - 2 * WIDTH, g);
        STORE_ANY(to + n - WIDTH, h);
    } else if ((size_t)(to - from) < n) {
        LEVEL(copy_down)(to, from, n);
    } else {
        LEVEL(copy_up)(to, from, n);
    }
}
