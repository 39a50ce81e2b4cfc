/* fuzz_blob.c - opens damaged blobs with runtime/blob.c and reads all that it then offers.
 *
 * usage: fuzz_blob BLOB ROUNDS [SEED]. Each round changes some bytes or cuts the blob off. The bytes lie right before a page
 * that cannot be read, and right behind one, so that an access outside is a crash; arithmetic that C leaves undefined
 * is a crash by the compiler's sanitizer. Prints how many blobs could be opened, how many pieces of data were decompressed, and a
 * sum over all bytes seen. */

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "see_blob.h"

static uint64_t state = 88172645463325252u;

static uint64_t
next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* numbers that overflow something */
static uint64_t
hard_number(void)
{
    static const uint64_t numbers[] = {0, 1, 7, 8, 15, 16, 127, 255, 256, 65535, 0x7fffffff, 0x80000000, 0xffffffff,
                                       0xfffffff0, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff,
                                       0xfffffffffffffff0};
    return numbers[next_random() % (sizeof(numbers) / sizeof(numbers[0]))];
}

static size_t
damage(uint8_t *bytes, size_t size)
{
    /* mostly the index, which comes first; of the data, only what is compressed matters to this reader */
    size_t head = size < 4096 || next_random() % 8 == 0 ? size : 4096;
    uint64_t changes = 1 + next_random() % 6;

    while (changes-- > 0) {
        size_t place = (next_random() % 3 == 0 ? next_random() % 200 : next_random()) % head;
        uint64_t number = next_random() % 2 ? hard_number() : next_random() % (2 * size);
        size_t width = (size_t)1 << next_random() % 4;
        place -= place % width;
        memcpy(bytes + place, &number, place + width <= size ? width : size - place);
    }
    if (next_random() % 16 == 0) {
        size = next_random() % size;
        uint64_t stated = size;
        if (size >= 24) {
            memcpy(bytes + 16, &stated, 8);     /* so that the size in the header is right all the same */
        }
    }
    return size;
}

int
main(int argc, char **argv)
{
    FILE *file = argc > 2 ? fopen(argv[1], "rb") : NULL;
    static uint8_t original[1 << 22];
    size_t size = file ? fread(original, 1, sizeof(original), file) : 0;
    size_t room = (size + 4095) / 4096 * 4096;
    long opened = 0;
    uint64_t sum = 0;

    if (size == 0 || size == sizeof(original)) {
        return 2;
    }
    if (argc > 3) {
        state ^= strtoull(argv[3], NULL, 10) << 1;
    }
    uint8_t *area = mmap(NULL, room + 2 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED || mprotect(area + 4096, room, PROT_READ | PROT_WRITE) != 0) {
        return 2;
    }
    for (long round = 0; round < atol(argv[2]); round++) {
        struct sb_blob blob;
        uint8_t *bytes = area + 4096 + (round % 2 ? room - size : 0);
        memcpy(bytes, original, size);
        size_t left = round < 2 ? size : damage(bytes, size);
        if (round % 2) {
            memmove(area + 4096 + room - left, bytes, left);
            bytes = area + 4096 + room - left;
        }
        const char *problem = sb_blob_open(&blob, bytes, left);
        if (problem == NULL) {
            opened++;
            sum += see_blob(&blob);
        }
        else if (round < 2) {
            fprintf(stderr, "%s\n", problem);
            return 1;
        }
    }
    printf("%ld %llu %llu\n", opened, (unsigned long long)decompressed, (unsigned long long)sum);
    return 0;
}
