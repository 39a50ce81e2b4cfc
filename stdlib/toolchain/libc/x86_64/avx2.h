/* avx2.h - the words of a routine, for vectors of 32 bytes. The compiler clears the upper halves before each return. */
#define LEVEL(name) name##_avx2
#define VECTOR __m256i
#define WIDTH 32
#define MASK uint32_t
#define ALL_BITS 0xFFFFFFFFu
#define LOW_BITS(n) _bzhi_u32(~0u, (unsigned)(n))
#define FIRST(mask) ((size_t)_tzcnt_u32(mask))
#define LAST(mask) ((size_t)(31 - __builtin_clz(mask)))

#define LOAD(p) _mm256_load_si256((const __m256i *)(p))
#define LOAD_ANY(p) _mm256_loadu_si256((const __m256i *)(p))
#define STORE(p, v) _mm256_store_si256((__m256i *)(p), v)
#define STORE_ANY(p, v) _mm256_storeu_si256((__m256i *)(p), v)
#define STORE_BEYOND_CACHE(p, v) _mm256_stream_si256((__m256i *)(p), v)
#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#define STORES_BEFORE_OTHERS() _mm_sfence()

#define ZERO() _mm256_setzero_si256()
#define SPLAT8(c) _mm256_set1_epi8((char)(c))
#define SPLAT32(c) _mm256_set1_epi32((int)(c))
#define EQUAL8(a, b) _mm256_cmpeq_epi8(a, b)
#define EQUAL32(a, b) _mm256_cmpeq_epi32(a, b)
#define LEAST8(a, b) _mm256_min_epu8(a, b)
#define OR(a, b) _mm256_or_si256(a, b)
#define AND(a, b) _mm256_and_si256(a, b)
#define XOR(a, b) _mm256_xor_si256(a, b)
#define BITS(v) ((MASK)_mm256_movemask_epi8(v))
