/* mimalloc.c - the C library's names for mimalloc's functions, and blocks that can grow without being copied.
 * Knows the names and how the kernel moves pages; everything below 16 MiB is mimalloc's own affair.
 *
 * mimalloc copies what realloc moves. A list or a bytearray grows by an eighth each time, so that it is copied about eight
 * times over; glibc and musl let the kernel move the pages instead (mremap). So does this file, for blocks that have
 * grown beyond GROWN, and for those that mimalloc would ask the kernel for anyway. Such a block is a mapping of its own: its
 * size, then the bytes. mimalloc needs no list of them to tell them apart: mappings begin where one of its segments would,
 * and there a segment never has a block.
 *
 * mimalloc's own list of names (alloc-override.c) is not taken. It defines C++'s `operator new`, which in a C compilation ends
 * the program where memory is refused; libc++'s calls malloc, and throws. And it defines `aligned_alloc` for glibc only. */

#define _GNU_SOURCE

/* What mimalloc asks where C++ has no handler: the answer must not take the place of libc++'s own. */
#define _ZSt15get_new_handlerv sb_mi_no_new_handler

/* All of mimalloc, so that the compiler sees through the names. */
#include "static.c"

#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define EXPORTED __attribute__((visibility("default")))
#define SAME_AS(function) __attribute__((alias(#function), visibility("default")))

enum {
    PAGE = 4096,
    HEADER = 64,       /* keeps the block aligned for everything but what asks for a page */
    GROWN = 1 << 20,   /* a block that realloc makes this large is expected to grow on */
};
static const size_t SLOT = MI_SEGMENT_SIZE;
static const size_t MOST = PTRDIFF_MAX - 2 * MI_SEGMENT_SIZE;

struct mapping {
    size_t size; /* of all of it, in bytes */
};
_Static_assert(sizeof(struct mapping) <= HEADER && HEADER < sizeof(sb_mi_segment_t), "a segment's head takes the block's place");

static bool is_mapping(const void *block) { return ((uintptr_t)block & (SLOT - 1)) == HEADER; }

static struct mapping *mapping_of(void *block) { return (struct mapping *)((char *)block - HEADER); }

static void *block_of(struct mapping *mapping) { return (char *)mapping + HEADER; }

static size_t mapped_size(size_t size) { return (size + HEADER + PAGE - 1) & ~(size_t)(PAGE - 1); }

/* addresses for `size` bytes at the beginning of a slot, without memory; NULL if the kernel refuses */
static char *reserve(size_t size) {
    char *all = mmap(NULL, size + SLOT - PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        return NULL;
    char *start = (char *)(((uintptr_t)all + SLOT - 1) & ~(SLOT - 1));
    char *end = all + size + SLOT - PAGE;
    if (start > all)
        munmap(all, (size_t)(start - all));
    if (end > start + size)
        munmap(start + size, (size_t)(end - start) - size);
    return start;
}

/* a block in a mapping of its own, all zeros; NULL if the kernel refuses */
static void *map_block(size_t size) {
    if (size > MOST)
        return NULL;
    size_t bytes = mapped_size(size);
    char *start = reserve(bytes);
    if (start == NULL)
        return NULL;
    if (mprotect(start, bytes, PROT_READ | PROT_WRITE) != 0) {
        munmap(start, bytes);
        return NULL;
    }
    struct mapping *mapping = (struct mapping *)start;
    mapping->size = bytes;
    return block_of(mapping);
}

static void unmap_block(void *block) {
    struct mapping *mapping = mapping_of(block);
    /* POSIX: free leaves errno as it is. */
    int kept = errno;
    munmap(mapping, mapping->size);
    errno = kept;
}

/* the same bytes in a mapping of another size, there or elsewhere; NULL, and nothing changed, if the kernel refuses */
static void *resize_mapping(void *block, size_t size) {
    if (size > MOST)
        return NULL;
    struct mapping *mapping = mapping_of(block);
    size_t bytes = mapped_size(size);
    if (bytes == mapping->size)
        return block;
    if (mremap(mapping, mapping->size, bytes, 0) == MAP_FAILED) {
        char *start = reserve(bytes);
        if (start == NULL)
            return NULL;
        /* Where this fails, the reserved addresses may be free or another thread's by now: they are not touched again. */
        if (mremap(mapping, mapping->size, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, start) == MAP_FAILED)
            return NULL;
        mapping = (struct mapping *)start;
    }
    mapping->size = bytes;
    return block_of(mapping);
}

static void *refused(void) {
    errno = ENOMEM;
    return NULL;
}

/* Where the kernel refuses, what mimalloc keeps for later is given back first. */
static void *last_try(size_t size) {
    sb_mi_collect(true);
    void *block = size > MI_LARGE_OBJ_SIZE_MAX ? map_block(size) : sb_mi_zalloc(size);
    return block != NULL ? block : refused();
}

EXPORTED void *malloc(size_t size) {
    void *block = sb_mi_unlikely(size > MI_LARGE_OBJ_SIZE_MAX) ? map_block(size) : sb_mi_malloc(size);
    return sb_mi_likely(block != NULL) ? block : last_try(size);
}

EXPORTED void free(void *block) {
    if (sb_mi_unlikely(is_mapping(block)))
        unmap_block(block);
    else
        sb_mi_free(block);
}

EXPORTED void *calloc(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return refused();
    void *block = sb_mi_unlikely(bytes > MI_LARGE_OBJ_SIZE_MAX) ? map_block(bytes) : sb_mi_zalloc(bytes);
    return sb_mi_likely(block != NULL) ? block : last_try(bytes);
}

EXPORTED size_t malloc_usable_size(void *block) {
    return is_mapping(block) ? mapping_of(block)->size - HEADER : sb_mi_usable_size(block);
}

/* the block's bytes, as many as fit, in a new one; NULL, and nothing changed, if there is none */
static void *moved(void *old, void *new, size_t size) {
    if (new == NULL)
        return refused();
    size_t known = malloc_usable_size(old);
    memcpy(new, old, known < size ? known : size);
    free(old);
    return new;
}

EXPORTED void *realloc(void *block, size_t size) {
    if (sb_mi_unlikely(is_mapping(block))) {
        if (size < GROWN / 2)
            return moved(block, sb_mi_malloc(size), size);
        void *resized = resize_mapping(block, size);
        return resized != NULL ? resized : refused();
    }
    if (sb_mi_unlikely(size >= GROWN) && block != NULL && size > sb_mi_usable_size(block))
        return moved(block, map_block(size), size);
    if (sb_mi_unlikely(size > MI_LARGE_OBJ_SIZE_MAX) && block == NULL)
        return malloc(size);
    void *resized = sb_mi_realloc(block, size);
    return sb_mi_likely(resized != NULL) ? resized : refused();
}

EXPORTED void *reallocarray(void *block, size_t count, size_t size) {
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? refused() : realloc(block, bytes);
}

/* Blocks of a certain alignment are never ours: what is aligned to more than HEADER does not lie where ours do, and mimalloc
 * begins no block of less in a segment's head. Not mi_malloc_aligned: version 2.0.9 takes each block of 256, 512 or 1024 bytes
 * for aligned to its size, and begins its pages of them 384 bytes behind such an address. */
static void *aligned_block(size_t alignment, size_t size) { return sb_mi_malloc_aligned_at(size, alignment, 0); }

EXPORTED void *aligned_alloc(size_t alignment, size_t size) {
    void *block = aligned_block(alignment, size);
    return block != NULL ? block : refused();
}
void *memalign(size_t, size_t) SAME_AS(aligned_alloc);

EXPORTED void *valloc(size_t size) { return aligned_alloc(PAGE, size); }

/* tells of an error by its result; errno stays as it is */
EXPORTED int posix_memalign(void **result, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0)
        return EINVAL;
    void *block = aligned_block(alignment, size);
    if (block == NULL)
        return ENOMEM;
    *result = block;
    return 0;
}
