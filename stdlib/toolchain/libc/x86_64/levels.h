/* levels.h - reads the routine that ROUTINE names once for SSE2 and once for AVX2. Knows no routine.
 *
 * SSE2 is part of every x86-64. With AVX2 goes the use of BMI1 and BMI2; level.c looks for all of them.
 */
#include <immintrin.h>

/* What this processor and its system support: 0 is SSE2, 1 is AVX2. 0 until the constructor of level.c has run. Tests set it. */
extern unsigned char __sb_level HIDDEN;

/* The first size for which a copy passes by the caches; LARGE_COPY at least. */
enum { LARGE_COPY = 4 << 20 };
size_t __sb_beyond_cache(void) HIDDEN;

#define CHOOSE(routine, ...) (LIKELY(__sb_level) ? routine##_avx2(__VA_ARGS__) : routine##_sse2(__VA_ARGS__))

#ifdef ROUTINE

#include "sse2.h"
#include ROUTINE
#include "forget.h"

#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2"))), apply_to = function)
#include "avx2.h"
#include ROUTINE
#include "forget.h"
#pragma clang attribute pop

#endif
