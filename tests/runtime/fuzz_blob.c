/* fuzz_blob.c - opens damaged blobs with runtime/blob.c and reads all that it then offers.
 *
 * usage: fuzz_blob BLOB ROUNDS [SEED]. Each round changes some bytes or cuts the blob off. The bytes lie right before a page
 * that cannot be read, and right behind one, so that an access outside is a crash; arithmetic that C leaves undefined
 * is a crash by the compiler's sanitizer. Prints how many blobs could be opened, and a sum over all bytes seen. */

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "blob.h"

static uint64_t sum;
static uint64_t state = 88172645463325252u;

static uint64_t
next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void
see(struct sb_bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        sum += bytes.data[i];
    }
}

static void
see_module(const struct sb_blob *blob, const struct sb_module *module)
{
    struct sb_bytes folder;
    see(module->name);
    see(module->path);
    see(module->source);
    see(module->bytecode);
    for (uint32_t i = 0; i < 100 && sb_blob_portion(blob, module, i, &folder) == 1; i++) {
        see(folder);
    }
}

static void
see_children(const struct sb_blob *blob, enum sb_section section, struct sb_bytes name, size_t cut, const char *end)
{
    char prefix[512];
    struct sb_children children;
    struct sb_child child;
    size_t size = name.size < cut ? name.size : cut;

    if (size > sizeof(prefix) - 2) {
        return;
    }
    memcpy(prefix, name.data, size);
    memcpy(prefix + size, end, strlen(end));
    if (sb_blob_children(blob, section, prefix, size + strlen(end), &children) < 0) {
        return;
    }
    for (uint32_t i = 0; sb_blob_next_child(&children, &child) == 1; i++) {
        see(child.name);
        if (i > sb_blob_count(blob, section)) {
            abort();    /* each step must go forward */
        }
    }
}

static void
see_all(const struct sb_blob *blob)
{
    struct sb_module module;
    struct sb_path path;
    struct sb_pair pair;
    struct sb_location location;
    struct sb_bytes value;

    for (uint32_t i = 0; i < sb_blob_count(blob, SB_SECTION_MODULES); i++) {
        if (sb_blob_module(blob, i, &module) == 1) {
            see_module(blob, &module);
            struct sb_bytes name = module.name;
            if (sb_blob_find_module(blob, (const char *)name.data, name.size, &module) == 1) {
                see_module(blob, &module);
            }
            see_children(blob, SB_SECTION_MODULES, name, next_random() % 12, ".");
        }
    }
    for (uint32_t i = 0; i < sb_blob_count(blob, SB_SECTION_PATHS); i++) {
        if (sb_blob_path(blob, i, &path) == 1) {
            see(path.path);
            see(path.data);
            struct sb_bytes name = path.path;
            size_t cut = next_random() % 12;
            sum += (uint64_t)sb_blob_is_folder(blob, (const char *)name.data, name.size < cut ? name.size : cut);
            see_children(blob, SB_SECTION_PATHS, name, cut, "/");
            if (sb_blob_find_path(blob, (const char *)name.data, name.size, &path) == 1) {
                see(path.data);
            }
            sum += (uint64_t)sb_blob_module(blob, path.module, &module);
        }
    }
    for (int section = SB_SECTION_DISTRIBUTIONS; section <= SB_SECTION_SETTINGS; section++) {
        for (uint32_t i = 0; i < sb_blob_count(blob, (enum sb_section)section); i++) {
            if (sb_blob_pair(blob, (enum sb_section)section, i, &pair) == 1) {
                see(pair.key);
                see(pair.value);
            }
        }
    }
    for (uint32_t i = 0; i < sb_blob_count(blob, SB_SECTION_LOCATIONS); i++) {
        if (sb_blob_location(blob, i, &location) == 1) {
            see(location.name);
            see(location.folder);
            for (uint32_t j = 0; j < 100 && sb_blob_member(blob, &location, j, &path) == 1; j++) {
                see(path.path);
                see(path.data);
            }
        }
    }
    see_children(blob, SB_SECTION_PATHS, (struct sb_bytes){0}, 0, "");
    see_children(blob, SB_SECTION_MODULES, (struct sb_bytes){0}, 0, "");
    if (sb_blob_find_setting(blob, "entry_point", &value) == 1) {
        see(value);
    }
    sum += (uint64_t)sb_blob_find_module(blob, "nothing", 7, &module);
    sum += (uint64_t)sb_blob_find_module(blob, "", 0, &module);
    sum += (uint64_t)sb_blob_find_path(blob, "", 0, &path);
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
    /* mostly the index, which comes first; the data does not matter to this reader */
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
            see_all(&blob);
        }
        else if (round < 2) {
            fprintf(stderr, "%s\n", problem);
            return 1;
        }
    }
    printf("%ld %llu\n", opened, (unsigned long long)sum);
    return 0;
}
