/* sse2.h - the words of a routine, for vectors of 16 bytes: what every x86-64 processor has. */
#define LEVEL(name) name##_sse2
#define VECTOR __m128i
#define WIDTH 16
/* One bit for each byte of a vector, the first byte's lowest. */
#define MASK uint32_t
#define ALL_BITS 0xFFFFu
#define LOW_BITS(n) ((1u << (n)) - 1)
#define FIRST(mask) ((size_t)__builtin_ctz(mask))
#define LAST(mask) ((size_t)(31 - __builtin_clz(mask)))

#define LOAD(p) _mm_load_si128((const __m128i *)(p))
#define LOAD_ANY(p) _mm_loadu_si128((const __m128i *)(p))
#define STORE(p, v) _mm_store_si128((__m128i *)(p), v)
#define STORE_ANY(p, v) _mm_storeu_si128((__m128i *)(p), v)
#define STORE_BEYOND_CACHE(p, v) _mm_stream_si128((__m128i *)(p), v)
#define PREFETCH(p) _mm_prefetch((const char *)(p), _MM_HINT_T0)
#define STORES_BEFORE_OTHERS() _mm_sfence()

#define ZERO() _mm_setzero_si128()
#define SPLAT8(c) _mm_set1_epi8((char)(c))
#define SPLAT32(c) _mm_set1_epi32((int)(c))
#define EQUAL8(a, b) _mm_cmpeq_epi8(a, b)
#define EQUAL32(a, b) _mm_cmpeq_epi32(a, b)
#define LEAST8(a, b) _mm_min_epu8(a, b)
#define OR(a, b) _mm_or_si128(a, b)
#define AND(a, b) _mm_and_si128(a, b)
#define XOR(a, b) _mm_xor_si128(a, b)
/* A bit for each byte whose highest bit is set: all ones or none, after a comparison. */
#define BITS(v) ((MASK)_mm_movemask_epi8(v))
