/* fill.h - sets bytes to one value, for memset and for what strncpy leaves.
 *
 * Through the caches, whatever the size: past them was slower on new pages, which the kernel has just cleared.
 */

ALWAYS_INLINE void LEVEL(fill)(byte *to, int c, size_t n) {
    VECTOR v = SPLAT8(c);
    if (n < WIDTH) {
        uint64_t word = (byte)c * 0x0101010101010101u;
#if WIDTH > 16
        if (n >= 16) {
            half words = {word, word};
            *(half *)to = words;
            *(half *)(to + n - 16) = words;
            return;
        }
#endif
        if (n >= 8) {
            *(any64 *)to = word;
            *(any64 *)(to + n - 8) = word;
        } else if (n >= 4) {
            *(any32 *)to = (uint32_t)word;
            *(any32 *)(to + n - 4) = (uint32_t)word;
        } else if (n) {
            to[0] = to[n / 2] = to[n - 1] = (byte)c;
        }
        return;
    }
    byte *end = to + n;
    STORE_ANY(to, v);
    STORE_ANY(end - WIDTH, v);
    if (n <= 2 * WIDTH)
        return;
    STORE_ANY(to + WIDTH, v);
    STORE_ANY(end - 2 * WIDTH, v);
    if (n <= 4 * WIDTH)
        return;
    STORE_ANY(to + 2 * WIDTH, v);
    STORE_ANY(to + 3 * WIDTH, v);
    STORE_ANY(end - 3 * WIDTH, v);
    STORE_ANY(end - 4 * WIDTH, v);
    if (n <= 8 * WIDTH)
        return;
    byte *p = (byte *)align_down(to + 4 * WIDTH, 4 * WIDTH);
    end -= 4 * WIDTH;
    for (; p < end; p += 4 * WIDTH) {
        STORE(p, v);
        STORE(p + WIDTH, v);
        STORE(p + 2 * WIDTH, v);
        STORE(p + 3 * WIDTH, v);
    }
}
