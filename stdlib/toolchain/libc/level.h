/* level.h - the words that every routine here is written in. Knows no routine.
 *
 * A routine's file holds its algorithm once, for a vector of any width. It is read once for each level of the architecture
 * (x86-64: SSE2, which all have, and AVX2), each time with the words that x86_64/sse2.h or x86_64/avx2.h defines, and once more
 * for the function that the C library offers, which chooses between them:
 *
 *     #define ROUTINE "memchr.c"
 *     #include "level.h"
 *     #ifdef VECTOR
 *     static void *LEVEL(memchr)(...) { ... }             the algorithm: memchr_sse2, memchr_avx2
 *     #else
 *     void *memchr(...) { return CHOOSE(memchr, ...); }   what programs call
 *     #endif
 *
 * Another architecture adds a folder with a levels.h and its vectors. Until it does, sysroot.sh leaves musl's routines in place.
 *
 * Three promises hold for all of them. Nothing is read from a page that the caller's bytes do not touch: a vector is loaded at
 * its own alignment, or where all of it lies in one page, or where all of it belongs to the caller. Nothing is written outside of
 * the destination, not even the bytes that were there. Nothing needs thread-local storage, the heap or a constructor: musl copies
 * and clears memory before it has set up any of them.
 */
#ifndef LEVEL_H
#define LEVEL_H

#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

typedef unsigned char byte;

/* The smallest page of any kernel for the architectures here; larger ones are multiples. */
#define PAGE 4096

#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define ALWAYS_INLINE static inline __attribute__((always_inline, unused))
#define HIDDEN __attribute__((visibility("hidden")))

/* musl's second name of a function, for which a program may have one of its own. */
#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)
#define WEAK_ALIAS(name) __attribute__((weak, alias(TEXT(name))))

/* How far `p` is into its page. */
ALWAYS_INLINE size_t page_offset(const void *p) {
    return (uintptr_t)p % PAGE;
}

ALWAYS_INLINE const byte *align_down(const byte *p, size_t to) {
    return (const byte *)((uintptr_t)p & -to);
}

/* Reads and writes of words at any address. Aliasing anything: they move other people's objects. */
typedef uint16_t any16 __attribute__((may_alias, aligned(1)));
typedef uint32_t any32 __attribute__((may_alias, aligned(1)));
typedef uint64_t any64 __attribute__((may_alias, aligned(1)));
/* 16 bytes: a vector of the narrowest kind. */
typedef uint64_t half __attribute__((vector_size(16), may_alias, aligned(1)));

#include "x86_64/levels.h"

#endif
