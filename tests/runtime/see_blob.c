/* see_blob.c - reads all that a blob offers, by every function of blob.h. Knows nothing of how the blob was damaged. */

#include "see_blob.h"

#include <stdlib.h>
#include <string.h>

uint64_t decompressed;
static uint64_t sum;
static uint64_t state;

/* where to cut names, so that folders are asked for that are none; the same for the same blob */
static size_t
next_cut(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(state >> 33) % 12;
}

static void
see(struct sb_bytes bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        sum += bytes.data[i];
    }
}

/* what is compressed, unless it says that it holds more than a fuzzer has time for */
static void
see_data(struct sb_bytes data, uint32_t compressed)
{
    size_t size;

    see(data);
    if (!compressed || sb_decompressed_size(data, &size) < 0 || size > 65536) {
        return;
    }
    /* a block of exactly that size, so that a byte written outside of it is seen */
    uint8_t *content = malloc(size);
    if (content != NULL && sb_decompress(data, content, size) == 0) {
        see((struct sb_bytes){content, size});
        decompressed++;
    }
    free(content);
}

static void
see_module(const struct sb_blob *blob, const struct sb_module *module)
{
    struct sb_bytes folder;
    see(module->name);
    see(module->path);
    see_data(module->source, module->flags & SB_MODULE_FLAG_SOURCE_COMPRESSED);
    see_data(module->bytecode, module->flags & SB_MODULE_FLAG_BYTECODE_COMPRESSED);
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
    if (size > 0) {
        memcpy(prefix, name.data, size);
    }
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

uint64_t
see_blob(const struct sb_blob *blob)
{
    struct sb_module module;
    struct sb_path path;
    struct sb_pair pair;
    struct sb_location location;
    struct sb_bytes value;

    sum = 0;
    state = 88172645463325252u;
    for (uint32_t i = 0; i < sb_blob_count(blob, SB_SECTION_MODULES); i++) {
        if (sb_blob_module(blob, i, &module) == 1) {
            see_module(blob, &module);
            struct sb_bytes name = module.name;
            if (sb_blob_find_module(blob, (const char *)name.data, name.size, &module) == 1) {
                see_module(blob, &module);
            }
            see_children(blob, SB_SECTION_MODULES, name, next_cut(), ".");
        }
    }
    for (uint32_t i = 0; i < sb_blob_count(blob, SB_SECTION_PATHS); i++) {
        if (sb_blob_path(blob, i, &path) == 1) {
            see(path.path);
            see_data(path.data, path.flags & SB_PATH_FLAG_COMPRESSED);
            struct sb_bytes name = path.path;
            size_t cut = next_cut();
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
    return sum;
}
