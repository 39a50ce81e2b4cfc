/* stress_allocator.c - uses malloc and its family as hard as it can, and checks every byte. Knows no allocator.
 *
 * Usage: stress_allocator SEED. Ends with 0 and "done", or says what is wrong. */

#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCKS = 400, ROUNDS = 5000, THREADS = 4, SHARED = 64 };

struct block {
    unsigned char *bytes;
    size_t size;
    unsigned char fill;
};

#define CHECK(condition)                                                                                                       \
    do {                                                                                                                       \
        if (!(condition)) {                                                                                                    \
            printf("line %d: %s\n", __LINE__, #condition);                                                                     \
            fflush(stdout);                                                                                                    \
            _exit(1);                                                                                                          \
        }                                                                                                                      \
    } while (0)

static uint64_t next(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* small ones mostly, and now and then one of up to 40 MiB */
static size_t some_size(uint64_t *state) {
    switch (next(state) % 128) {
    case 0:
        return next(state) % ((size_t)40 << 20);
    case 1:
    case 2:
        return next(state) % ((size_t)3 << 20);
    default:
        return next(state) % 9000;
    }
}

/* only the ends of a page are written and checked: a fault for each page of 40 MiB would be all that this measures */
static void paint(struct block *block) {
    for (size_t at = 0; at < block->size; at += 4096)
        block->bytes[at] = block->fill;
    if (block->size > 0)
        block->bytes[block->size - 1] = block->fill;
}

static void check_paint(const struct block *block, size_t known) {
    for (size_t at = 0; at < known; at += 4096)
        CHECK(block->bytes[at] == block->fill);
    if (known == block->size && known > 0)
        CHECK(block->bytes[known - 1] == block->fill);
}

static void allocate(struct block *block, uint64_t *state) {
    static const size_t alignments[] = {16, 64, 256, 4096, 65536, (size_t)1 << 22};
    size_t alignment = alignments[next(state) % 6], size = some_size(state);
    if (next(state) % 4 == 0)
        size = alignment << next(state) % 3; /* where an allocator may believe that its blocks are aligned as they are */
    void *found = NULL;
    switch (next(state) % 8) {
    case 0:
        found = calloc(1 + size / 8, 8);
        for (size_t at = 0; at < size; at += 512)
            CHECK(((unsigned char *)found)[at] == 0);
        break;
    case 1:
        CHECK(posix_memalign(&found, alignment, size) == 0);
        CHECK((uintptr_t)found % alignment == 0);
        break;
    case 2:
        found = aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
        CHECK((uintptr_t)found % alignment == 0);
        break;
    case 3:
        found = memalign(alignment, size);
        CHECK((uintptr_t)found % alignment == 0);
        break;
    case 4:
        found = reallocarray(NULL, 1 + size / 16, 16);
        break;
    default:
        found = malloc(size);
    }
    CHECK(found != NULL);
    CHECK((uintptr_t)found % 16 == 0 || size < 16);
    CHECK(malloc_usable_size(found) >= size);
    *block = (struct block){found, size, (unsigned char)(next(state) | 1)};
    paint(block);
}

static void resize(struct block *block, uint64_t *state) {
    /* growing by an eighth, as lists do, as often as anything else */
    size_t size = 1 + (next(state) % 2 ? block->size + block->size / 8 : some_size(state));
    if (size > (size_t)48 << 20)
        size = 1;
    check_paint(block, block->size);
    size_t known = block->size < size ? block->size : size;
    block->bytes = realloc(block->bytes, size);
    CHECK(block->bytes != NULL && malloc_usable_size(block->bytes) >= size);
    block->size = size;
    check_paint(block, known < size ? known : size - 1);
    paint(block);
}

static void release(struct block *block) {
    check_paint(block, block->size);
    free(block->bytes);
    *block = (struct block){0};
}

/* blocks that one thread has made and another will free */
static _Atomic(struct block *) shared[SHARED];

static void *work(void *seed) {
    uint64_t state = (uintptr_t)seed;
    struct block *blocks = calloc(BLOCKS, sizeof *blocks);
    for (int round = 0; round < ROUNDS; round++) {
        struct block *block = &blocks[next(&state) % BLOCKS];
        if (block->bytes == NULL)
            allocate(block, &state);
        else if (next(&state) % 4 == 0)
            resize(block, &state);
        else
            release(block);
        if (round % 16 == 0) {
            struct block *given = malloc(sizeof *given);
            allocate(given, &state);
            struct block *taken = atomic_exchange(&shared[next(&state) % SHARED], given);
            if (taken != NULL) {
                release(taken);
                free(taken);
            }
        }
    }
    for (int index = 0; index < BLOCKS; index++)
        if (blocks[index].bytes != NULL)
            release(&blocks[index]);
    free(blocks);
    return NULL;
}

static void in_a_child(void) {
    uint64_t state = 7;
    for (int index = 0; index < 200; index++) {
        struct block block;
        allocate(&block, &state);
        resize(&block, &state);
        release(&block);
    }
    _exit(0);
}

/* a fork while other threads allocate: whatever lock they hold, the child can go on */
static void fork_often(void) {
    for (int index = 0; index < 20; index++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0)
            in_a_child();
        int status;
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
}

static void refuse(void) {
    volatile size_t huge = SIZE_MAX - 8, most = PTRDIFF_MAX;
    errno = 0;
    CHECK(malloc(huge) == NULL && errno == ENOMEM);
    errno = 0;
    CHECK(malloc(most) == NULL && errno == ENOMEM);
    errno = 0;
    CHECK(calloc(huge / 2, 4) == NULL && errno == ENOMEM);
    errno = 0;
    CHECK(reallocarray(NULL, huge / 2, 4) == NULL && errno == ENOMEM);

    /* what cannot grow stays as it is */
    struct block blocks[] = {{NULL, 100, 3}, {NULL, 3 << 20, 5}, {NULL, 50 << 20, 9}};
    struct rlimit old, limit = {(rlim_t)400 << 20, (rlim_t)400 << 20};
    for (int index = 0; index < 3; index++) {
        blocks[index].bytes = malloc(blocks[index].size);
        CHECK(blocks[index].bytes != NULL);
        paint(&blocks[index]);
    }
    getrlimit(RLIMIT_AS, &old);
    limit.rlim_max = old.rlim_max;
    setrlimit(RLIMIT_AS, &limit);
    for (int index = 0; index < 3; index++) {
        errno = 0;
        CHECK(realloc(blocks[index].bytes, (size_t)1 << 30) == NULL && errno == ENOMEM);
        CHECK(realloc(blocks[index].bytes, most) == NULL && errno == ENOMEM);
        check_paint(&blocks[index], blocks[index].size);
    }
    /* and once everything is taken, the next is refused, not fatal */
    size_t count = 0;
    void **list = NULL;
    for (void **one; (one = malloc(1 << 16)) != NULL; list = one, count++)
        *one = list;
    CHECK(errno == ENOMEM && count > 100);
    while (list != NULL) {
        void **one = list;
        list = *one;
        free(one);
    }
    setrlimit(RLIMIT_AS, &old);
    for (int index = 0; index < 3; index++)
        release(&blocks[index]);
}

/* growth step by step up to 64 MiB, then down to nothing, every byte checked */
static void grow_and_shrink(void) {
    size_t size = 0, next_size = 1;
    unsigned char *bytes = NULL;
    for (; size < (size_t)64 << 20; next_size = size + size / 8 + 1) {
        bytes = realloc(bytes, next_size);
        CHECK(bytes != NULL);
        memset(bytes + size, (int)(size % 251), next_size - size);
        if (size > 0)
            CHECK(bytes[0] == 0 && bytes[size - 1] == bytes[size - 1 - (size > 8 ? 1 : 0)]);
        size = next_size;
    }
    unsigned char *copy = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(copy, bytes, size);
    for (; size > 1; size = size * 2 / 3) {
        bytes = realloc(bytes, size);
        CHECK(bytes != NULL && memcmp(bytes, copy, size) == 0);
    }
    free(bytes);
    free(NULL);
}

int main(int argc, char **argv) {
    uintptr_t seed = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    grow_and_shrink();
    refuse();
    pthread_t threads[THREADS];
    for (uintptr_t index = 0; index < THREADS; index++)
        CHECK(pthread_create(&threads[index], NULL, work, (void *)(seed * THREADS + index + 1)) == 0);
    if (argc < 3) {
        fork_often();
    }
    for (int index = 0; index < THREADS; index++)
        CHECK(pthread_join(threads[index], NULL) == 0);
    puts("done");
    return 0;
}
