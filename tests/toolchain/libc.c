/* libc.c - compares the C library's routines for bytes and strings with plain loops. Knows the levels that they choose from.
 *
 * Each is called with every length up to 300 at every alignment, with the bytes it must not mind on both sides, and again where
 * the bytes begin or end at a page that cannot be read or written. Prints the levels that it checked; the first
 * difference ends it with a sentence and exit code 1.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

/* From stdlib/toolchain/libc/: the level in use, and the size from which copies pass by the caches. */
extern unsigned char __sb_level;
size_t __sb_beyond_cache(void);

typedef unsigned char byte;

enum { LONGEST = 300, ALIGNMENTS = 64, ROOM = 4 * 4096, SOUGHT = 0xE9, CANARY = 0x5A };

static const char *level, *routine = "nothing";
static size_t length, place, variant;

static void die(const char *what) {
    char text[256];
    int size = snprintf(text, sizeof text, "%s: %s: %s (length %zu, place %zu, variant %zu)\n", level, routine, what, length, place, variant);
    (void)!write(2, text, (size_t)size);
    _exit(1);
}

static void fault(int signal) {
    (void)signal;
    die("touched a page that is not its own");
}

#define CHECK(condition)     \
    do                       \
        if (!(condition))    \
            die(#condition); \
    while (0)

/* Pages that can be used, between two that cannot. */
static byte *pages(size_t size) {
    byte *p = mmap(NULL, size + 2 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED && !mprotect(p + 4096, size, PROT_READ | PROT_WRITE));
    return p + 4096;
}

static byte *left, *right;

/* The places of `n` bytes: each alignment with room on both sides, then each distance from the first and from the last page. */
enum { PLACES = 3 * ALIGNMENTS };
static byte *at(byte *room, size_t n, size_t index) {
    if (index < ALIGNMENTS)
        return room + 4096 - 128 + index;
    if (index < 2 * ALIGNMENTS)
        return room + index - ALIGNMENTS;
    return room + ROOM - n - (index - 2 * ALIGNMENTS);
}

static uint32_t seed = 1;
static uint32_t any(void) {
    return seed = seed * 1664525 + 1013904223, seed >> 8;
}

static void plain_fill(byte *p, int c, size_t n) {
    for (volatile byte *q = p; n; n--)
        *q++ = (byte)c;
}

static void plain_copy(byte *to, const byte *from, size_t n) {
    for (volatile byte *q = to; n; n--)
        *q++ = *from++;
}

/* Bytes that are neither zero nor the sought one; the latter's neighbours are among them. */
static void text(byte *p, size_t n) {
    while (n--) {
        byte c = (byte)(any() & 1 ? SOUGHT + 1 - (any() & 2) : 1 + any() % 120);
        *(volatile byte *)p++ = c;
    }
}

/* The `count` bytes on both sides that lie in the room become `c`. */
static void surround(byte *room, byte *p, size_t n, int c) {
    for (size_t i = 1; i <= 64; i++) {
        if ((size_t)(p - room) >= i)
            p[-(ptrdiff_t)i] = (byte)c;
        if ((size_t)(room + ROOM - (p + n)) >= i)
            p[n + i - 1] = (byte)c;
    }
}

static const byte *first_of(const byte *p, int c, size_t n) {
    for (; n; n--, p++)
        if (*p == (byte)c)
            return p;
    return NULL;
}

static const byte *last_of(const byte *p, int c, size_t n) {
    for (const byte *q = p + n; q != p;)
        if (*--q == (byte)c)
            return q;
    return NULL;
}

static int sign(int x) {
    return (x > 0) - (x < 0);
}

static int order(const byte *a, const byte *b, size_t n, int to_zero) {
    for (; n; n--, a++, b++)
        if (*a != *b || (to_zero && !*a))
            return sign(*a - *b);
    return 0;
}

/* Every length, place and number of hits. */
#define EACH_PLACE                                     \
    for (length = 0; length <= LONGEST; length++)      \
        for (place = 0; place < PLACES; place++)       \
            for (variant = 0; variant < 4; variant++)

/* No hit, one at either end, two anywhere. */
static void plant(byte *p, size_t n, int c) {
    if (!n || !variant)
        return;
    if (variant == 1)
        p[0] = (byte)c;
    else if (variant == 2)
        p[n - 1] = (byte)c;
    else
        p[any() % n] = p[any() % n] = (byte)c;
}

static void finding_bytes(void) {
    EACH_PLACE {
        byte *p = at(left, length, place);
        text(p, length);
        surround(left, p, length, SOUGHT);
        plant(p, length, SOUGHT);
        const byte *first = first_of(p, SOUGHT, length);
        routine = "memchr";
        CHECK(memchr(p, SOUGHT | 0x1200, length) == first);
        /* What stands behind a hit need not be there. */
        if (first)
            CHECK(memchr(p, SOUGHT, SIZE_MAX) == first && memchr(p, SOUGHT, SIZE_MAX - (uintptr_t)p) == first);
        routine = "memrchr";
        CHECK(memrchr(p, SOUGHT | 0x1200, length) == last_of(p, SOUGHT, length));
    }
}

static void finding_in_strings(void) {
    EACH_PLACE {
        byte *p = at(left, length + 1, place), *end = p + length;
        text(p, length);
        surround(left, p, length + 1, any() & 1 ? SOUGHT : 0);
        plant(p, length, SOUGHT);
        *end = 0;
        const char *s = (const char *)p;
        const byte *first = first_of(p, SOUGHT, length);
        routine = "strlen";
        CHECK(strlen(s) == length);
        routine = "strnlen";
        CHECK(strnlen(s, SIZE_MAX) == length && strnlen(s, length + 1) == length && strnlen(s, length) == length);
        CHECK(strnlen(s, length / 2) == length / 2);
        routine = "strchr";
        CHECK((const byte *)strchr(s, SOUGHT | 0x1200) == first && (const byte *)strchr(s, 0) == end);
        routine = "strchrnul";
        CHECK((const byte *)strchrnul(s, SOUGHT) == (first ? first : end) && (const byte *)strchrnul(s, 0) == end);
        routine = "strrchr";
        CHECK((const byte *)strrchr(s, SOUGHT | 0x1200) == last_of(p, SOUGHT, length) && (const byte *)strrchr(s, 0) == end);
    }
}

static void wide_characters(void) {
    for (length = 0; length <= LONGEST / 2; length++)
        for (place = 0; place < PLACES; place += 4)
            for (variant = 0; variant < 4; variant++) {
                size_t size = length * 4;
                byte *p = at(left, size + 4, place), *q = at(right, size + 4, (place * 5 + variant * 4) % PLACES);
                wchar_t *a = (wchar_t *)p, *b = (wchar_t *)q;
                /* Each byte of the sought character is everywhere. */
                const wchar_t sought = 0x01FF0003;
                for (size_t i = 0; i < length; i++)
                    a[i] = (wchar_t[]){0x01FF0002, 0x03000001, -1, 0x00030000}[any() % 4];
                if (length && variant)
                    a[variant == 1 ? 0 : variant == 2 ? length - 1 : any() % length] = sought;
                a[length] = 0;
                const wchar_t *first = NULL;
                for (size_t i = length; i--;)
                    if (a[i] == sought)
                        first = a + i;
                routine = "wcslen";
                CHECK(wcslen(a) == length);
                routine = "wmemchr";
                CHECK(wmemchr(a, sought, length) == first);
                if (first)
                    CHECK(wmemchr(a, sought, SIZE_MAX) == first);
                CHECK(wmemchr(a, 0, length) == NULL && wmemchr(a, 0, length + 1) == a + length);
                routine = "wmemcmp";
                plain_copy(q, p, size + 4);
                CHECK(wmemcmp(a, b, length) == 0);
                if (length) {
                    size_t i = any() % length;
                    b[i] = a[i] ^ (1 << any() % 31);
                    CHECK(sign(wmemcmp(a, b, length)) == (a[i] < b[i] ? -1 : 1) && sign(wmemcmp(b, a, length)) == (a[i] < b[i] ? 1 : -1));
                    CHECK(wmemcmp(a, b, i) == 0);
                }
            }
}

static void comparing(void) {
    EACH_PLACE {
        byte *p = at(left, length, place), *q = at(right, length, variant ? (place * 7 + variant * 13 + length) % PLACES : place);
        text(p, length);
        /* Zeros end nothing here. */
        if (length)
            p[any() % length] = 0;
        plain_copy(q, p, length);
        surround(left, p, length, 1);
        surround(right, q, length, 2);
        routine = "memcmp";
        CHECK(memcmp(p, q, length) == 0);
        routine = "bcmp";
        CHECK(bcmp(p, q, length) == 0);
        if (!length)
            continue;
        size_t i = variant == 0 ? 0 : variant == 1 ? length - 1 : any() % length, later = i + any() % (length - i);
        q[later] = (byte)(p[later] + 1);
        q[i] = (byte)(p[i] ^ (1 << any() % 8));
        int wanted = order(p, q, length, 0);
        routine = "memcmp";
        CHECK(sign(memcmp(p, q, length)) == wanted && sign(memcmp(q, p, length)) == -wanted && memcmp(p, q, i) == 0);
        routine = "bcmp";
        CHECK(bcmp(p, q, length) != 0 && bcmp(p, q, i) == 0);
    }
}

static void comparing_strings(void) {
    EACH_PLACE {
        byte *p = at(left, length + 1, place), *q = at(right, length + 1, variant ? (place * 7 + variant * 13 + length) % PLACES : place);
        const char *a = (const char *)p, *b = (const char *)q;
        text(p, length);
        p[length] = 0;
        surround(left, p, length + 1, 1);
        surround(right, q, length + 1, 2);
        plain_copy(q, p, length + 1);
        routine = "strcmp";
        CHECK(strcmp(a, b) == 0);
        routine = "strncmp";
        CHECK(strncmp(a, b, length) == 0 && strncmp(a, b, length + 1) == 0 && strncmp(a, b, SIZE_MAX) == 0);
        if (!length)
            continue;
        /* One differs, or ends before the other. */
        size_t i = variant == 0 ? 0 : variant == 1 ? length - 1 : any() % length;
        q[i] = (byte)(any() & 1 ? 0 : p[i] ^ (1 << any() % 8));
        int wanted = order(p, q, length + 1, 1);
        routine = "strcmp";
        CHECK(sign(strcmp(a, b)) == wanted && sign(strcmp(b, a)) == -wanted);
        routine = "strncmp";
        CHECK(sign(strncmp(a, b, SIZE_MAX)) == wanted && sign(strncmp(b, a, i + 1)) == -wanted && strncmp(a, b, i) == 0);
    }
}

/* `n` bytes at `q` are those of `expected`, and nothing beside them was written. */
static void wrote(const byte *q, const byte *expected, size_t n) {
    CHECK(order(q, expected, n, 0) == 0);
    for (size_t i = 1; i <= 64; i++) {
        CHECK((size_t)(q - right) < i || q[-(ptrdiff_t)i] == CANARY);
        CHECK((size_t)(right + ROOM - (q + n)) < i || q[n + i - 1] == CANARY);
    }
}

static void copying(void) {
    static byte zeros[2 * LONGEST];
    EACH_PLACE {
        byte *p = at(left, length, place), *q = at(right, length, variant ? (place * 7 + variant * 13 + length) % PLACES : place);
        text(p, length);
        surround(right, q, length, CANARY);
#define COPIES(name, returned)            \
    routine = #name;                      \
    plain_fill(q, CANARY, length);        \
    CHECK(name(q, p, length) == returned); \
    wrote(q, p, length);
        COPIES(memcpy, q)
        COPIES(memmove, q)
        COPIES(mempcpy, q + length)
        routine = "memset";
        CHECK(memset(q, variant ? 0xFF00 | SOUGHT : 0, length) == q);
        plain_fill(p, variant ? SOUGHT : 0, length);
        wrote(q, p, length);
        if (!length)
            continue;
        size_t size = length - 1;
        text(p, size);
        p[size] = 0;
        char *to = (char *)q, *from = (char *)p;
#define COPIES_STRING(name, returned)         \
    routine = #name;                          \
    plain_fill(q, CANARY, length);            \
    CHECK((byte *)name(to, from) == returned); \
    wrote(q, p, length);
        COPIES_STRING(strcpy, q)
        COPIES_STRING(stpcpy, q + size)
        /* Exactly as many as there are, fewer, and more: those are zeros. */
        size_t wanted = variant == 0 ? size : variant == 1 ? length : variant == 2 ? any() % length : length + any() % 150;
        q = at(right, wanted, (place * 11 + variant) % PLACES);
        to = (char *)q;
        surround(right, q, wanted, CANARY);
        size_t copied = wanted < size ? wanted : size;
#define COPIES_SOME(name, returned)                   \
    routine = #name;                                  \
    plain_fill(q, CANARY, wanted);                    \
    CHECK((byte *)name(to, from, wanted) == returned); \
    CHECK(order(q, p, copied, 0) == 0 && order(q + copied, zeros, wanted - copied, 0) == 0);
        COPIES_SOME(strncpy, q)
        wrote(q, q, wanted);
        COPIES_SOME(stpncpy, q + copied)
        wrote(q, q, wanted);
        /* Nothing behind the last byte that may be read. */
        if (size && place >= 2 * ALIGNMENTS) {
            plain_fill(p, 'x', length);
            plain_fill(q = right, CANARY, length + 64);
            routine = "strncpy";
            CHECK((byte *)strncpy((char *)right, from, length) == right);
            wrote(right, p, length);
        }
    }
}

static void moving_within(void) {
    byte *expected = malloc(ROOM);
    routine = "memmove";
    for (length = 0; length <= 4 * LONGEST; length += length < LONGEST ? 1 : 97)
        for (place = 0; place < 2 * 70; place++) {
            ptrdiff_t by = (ptrdiff_t)place - 70;
            if (place % 7 == 0)
                by *= 9;
            byte *from = left + 1000 + any() % 64, *to = from + by;
            text(left, 3000);
            plain_copy(expected, left, 3000);
            plain_copy(expected + (to - left), left + (from - left), length);
            CHECK(memmove(to, from, length) == to && order(left, expected, 3000, 0) == 0);
        }
    free(expected);
}

/* Sizes for which loops, and at last the way past the caches, take many turns. */
static void large(void) {
    const size_t beyond = __sb_beyond_cache() + 12345, sizes[] = {4096, 5000, 100003, beyond};
    const size_t most = beyond + 3 * 4096;
    byte *a = pages((most + 8191) & ~(size_t)4095), *b = pages((most + 8191) & ~(size_t)4095);
    for (variant = 0; variant < 4; variant++) {
        length = sizes[variant];
        place = 17 + variant;
        byte *p = a + place, *q = b + 5;
        for (size_t i = 0; i < length; i++)
            p[i] = (byte)(i * 7 + i / 251 | 1);
        q[-1] = q[length] = CANARY;
        routine = "memcpy";
        CHECK(memcpy(q, p, length) == q && order(q, p, length, 0) == 0 && q[-1] == CANARY && q[length] == CANARY);
        routine = "memcmp";
        CHECK(memcmp(p, q, length) == 0);
        q[length - 1] = 0;
        CHECK(memcmp(p, q, length) > 0 && memcmp(q, p, length) < 0);
        routine = "memchr";
        CHECK(memchr(q, 0, length) == q + length - 1 && memchr(p, 0, length) == NULL);
        q[length - 1] = p[length - 1];
        q[0] = 0;
        routine = "memrchr";
        CHECK(memrchr(q, 0, length) == q && memrchr(p, 0, length) == NULL);
        q[0] = p[0];
        routine = "memmove";
        CHECK(memmove(q + 100, q, length) == q + 100 && order(q + 100, p, length, 0) == 0);
        CHECK(memmove(q + 3, q + 100, length) == q + 3 && order(q + 3, p, length, 0) == 0);
        CHECK(memmove(q + 5000, q + 3, length) == q + 5000 && order(q + 5000, p, length, 0) == 0);
        routine = "memset";
        q[length] = CANARY;
        CHECK(memset(q, 0xC3, length) == q && q[length] == CANARY && q[-1] == CANARY && first_of(q, CANARY, length) == NULL);
        for (size_t i = 0; i < length; i++)
            CHECK(q[i] == 0xC3);
    }
}

/* Ends of pages inside of long strings, with the two at different distances from them. */
static void long_strings(void) {
    byte *other = malloc(ROOM);
    for (place = 0; place < 70; place++)
        for (variant = 0; variant < 40; variant++) {
            byte *p = left + place, *q = right + variant * 103 % 4096;
            length = 4000 + any() % 6000;
            text(p, length);
            p[length] = 0;
            routine = "stpcpy";
            CHECK((byte *)stpcpy((char *)q, (char *)p) == q + length && order(p, q, length + 1, 0) == 0);
            routine = "strcmp";
            CHECK(strcmp((char *)p, (char *)q) == 0);
            size_t i = any() % length;
            q[i] ^= 1;
            int wanted = order(p, q, length, 1);
            CHECK(sign(strcmp((char *)p, (char *)q)) == wanted);
            routine = "strncmp";
            CHECK(sign(strncmp((char *)p, (char *)q, i + 1)) == wanted && strncmp((char *)p, (char *)q, i) == 0);
            routine = "stpncpy";
            CHECK((byte *)stpncpy((char *)other, (char *)p, i) == other + i && order(p, other, i, 0) == 0);
            routine = "strchr";
            p[i] = SOUGHT;
            const byte *first = first_of(p, SOUGHT, length);
            CHECK((const byte *)strchr((char *)p, SOUGHT) == first);
            routine = "strrchr";
            CHECK((const byte *)strrchr((char *)p, SOUGHT) == last_of(p, SOUGHT, length));
        }
    free(other);
}

int main(void) {
    struct sigaction action = {.sa_handler = fault};
    sigaction(SIGSEGV, &action, NULL);
    const char *names[] = {"sse2", "avx2"};
    unsigned char best = __sb_level;
    left = pages(ROOM);
    right = pages(ROOM);
    for (int i = 0; i <= best; i++) {
        __sb_level = (unsigned char)i;
        level = names[i];
        finding_bytes();
        finding_in_strings();
        wide_characters();
        comparing();
        comparing_strings();
        copying();
        moving_within();
        large();
        long_strings();
        puts(level);
    }
    return 0;
}
