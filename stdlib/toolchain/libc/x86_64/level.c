/* level.c - finds out what this processor has and its system saves: which vectors, how large a cache. Knows no routine.
 *
 * A static musl program has no IFUNC relocations, so each routine reads a variable. A constructor sets it: until then, and in a
 * program whose constructors never run, the routines use what every x86-64 has.
 *
 * In a virtual machine each CPUID costs some microseconds. Starting pays for three; the caches wait until somebody copies megabytes.
 */
#include "../level.h"

#include <cpuid.h>

unsigned char __sb_level;

/* The parts of the processor's state that the system saves, from XGETBV with ECX = 0. */
static uint32_t saved_state(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

/* Intel's and AMD's manuals: leaf 1 and leaf 7 (sub-leaf 0) of CPUID tell of instructions, XCR0 of registers. */
static int has_avx2(void) {
    const unsigned system = bit_OSXSAVE | bit_AVX, vectors = bit_AVX2 | bit_BMI | bit_BMI2, xmm_and_ymm = 6;
    unsigned highest, a, b, c, d;
    __cpuid(0, highest, b, c, d);
    if (highest < 7)
        return 0;
    __cpuid(1, a, b, c, d);
    if ((c & system) != system || (saved_state() & xmm_and_ymm) != xmm_and_ymm)
        return 0;
    __cpuid_count(7, 0, a, b, c, d);
    return (b & vectors) == vectors;
}

/* After musl has set up the thread, before any constructor that does not ask to be among the first. */
__attribute__((constructor(101))) static void choose(void) {
    __sb_level = (unsigned char)has_avx2();
}

/* The bytes of the largest cache that `leaf` lists, 0 if it lists none. Intel's leaf 4 and AMD's 0x8000001D have one layout. */
static size_t largest_cache(unsigned leaf) {
    size_t largest = 0;
    unsigned a, b, c, d;
    for (unsigned index = 0; index < 16 && __get_cpuid_count(leaf, index, &a, &b, &c, &d) && (a & 31); index++) {
        size_t ways = (b >> 22) + 1, partitions = (b >> 12 & 1023) + 1, line = (b & 4095) + 1, sets = (size_t)c + 1;
        size_t size = ways * partitions * line * sets;
        if (size > largest)
            largest = size;
    }
    return largest;
}

/* On a cache of 32 MiB, copying 8 MiB took as long either way, and 16 MiB were faster past it: this is between the two. */
size_t __sb_beyond_cache(void) {
    static size_t known;
    /* Threads that come here at the same time find the same. */
    size_t beyond = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (!beyond) {
        size_t cache = largest_cache(0x8000001D);
        if (!cache)
            cache = largest_cache(4);
        beyond = cache / 8 * 3;
        if (beyond < LARGE_COPY)
            beyond = LARGE_COPY;
        __atomic_store_n(&known, beyond, __ATOMIC_RELAXED);
    }
    return beyond;
}
