/* blob.c - reads packed resources in place. Knows nothing of Python, so that it can be fuzzed alone. */

#include "blob.h"

#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#  error "blobs are read in place, which needs a little-endian machine"
#endif

/* Every record that is searched for begins with the string that it is sorted by. */
struct string_ref {
    uint32_t offset;
    uint32_t size;
};

static const size_t record_sizes[SB_SECTION_COUNT] = {
    [SB_SECTION_STRINGS] = 1,
    [SB_SECTION_MODULES] = sizeof(struct sb_module_record),
    [SB_SECTION_MODULE_SLOTS] = sizeof(struct sb_slot_record),
    [SB_SECTION_PORTIONS] = sizeof(struct sb_portion_record),
    [SB_SECTION_PATHS] = sizeof(struct sb_path_record),
    [SB_SECTION_DISTRIBUTIONS] = sizeof(struct sb_distribution_record),
    [SB_SECTION_SETTINGS] = sizeof(struct sb_setting_record),
    [SB_SECTION_LOCATIONS] = sizeof(struct sb_location_record),
    [SB_SECTION_MEMBERS] = sizeof(struct sb_member_record),
    [SB_SECTION_DATA] = 1,
};

const char *
sb_blob_open(struct sb_blob *blob, const void *data, size_t size)
{
    static const uint8_t magic[] = SB_MAGIC;
    const uint8_t *bytes = data;
    struct sb_header_record header;
    const size_t first = sizeof(header) + SB_SECTION_COUNT * sizeof(struct sb_section_record);

    memset(blob, 0, sizeof(*blob));
    if (size < first) {
        return "the resources are cut off";
    }
    memcpy(&header, bytes, sizeof(header));
    if (memcmp(header.magic, magic, sizeof(magic)) != 0) {
        return "there are no resources";
    }
    if (header.version != SB_VERSION || header.section_count != SB_SECTION_COUNT) {
        return "the resources are of another version";
    }
    if (header.size != size) {
        return "the resources are cut off";
    }
    for (int i = 0; i < SB_SECTION_COUNT; i++) {
        struct sb_section_record section;
        memcpy(&section, bytes + sizeof(header) + (size_t)i * sizeof(section), sizeof(section));
        if (section.offset < first || section.offset > size || section.size > size - section.offset
            || section.offset % SB_ALIGNMENT != 0 || section.size % record_sizes[i] != 0
            || (i != SB_SECTION_DATA && section.size / record_sizes[i] > UINT32_MAX))
        {
            return "the resources are damaged";
        }
        blob->sections[i].data = bytes + section.offset;
        blob->sections[i].size = (size_t)section.size;
    }
    uint32_t slots = sb_blob_count(blob, SB_SECTION_MODULE_SLOTS);
    if ((slots & (slots - 1)) != 0 || slots <= sb_blob_count(blob, SB_SECTION_MODULES)) {
        return "the resources are damaged";
    }
    return NULL;
}

uint32_t
sb_blob_count(const struct sb_blob *blob, enum sb_section section)
{
    return (uint32_t)(blob->sections[section].size / record_sizes[section]);
}

/* copy a record out of its section */
static int
get_record(const struct sb_blob *blob, enum sb_section section, uint32_t number, void *record, size_t size)
{
    if (number >= sb_blob_count(blob, section)) {
        return 0;
    }
    memcpy(record, blob->sections[section].data + (size_t)number * record_sizes[section], size);
    return 1;
}

/* resolve an offset and size within a section; 0, or -1 */
static int
get_range(const struct sb_blob *blob, enum sb_section section, uint64_t offset, uint64_t size, struct sb_bytes *range)
{
    const struct sb_bytes *body = &blob->sections[section];
    if (offset > body->size || size > body->size - offset) {
        return -1;
    }
    range->data = body->data + offset;
    range->size = (size_t)size;
    return 0;
}

static int
get_string(const struct sb_blob *blob, uint32_t offset, uint32_t size, struct sb_bytes *text)
{
    return get_range(blob, SB_SECTION_STRINGS, offset, size, text);
}

static int
compare(const struct sb_bytes *a, const char *text, size_t size)
{
    size_t common = a->size < size ? a->size : size;
    int order = common ? memcmp(a->data, text, common) : 0;
    if (order != 0) {
        return order;
    }
    return (a->size > size) - (a->size < size);
}

int
sb_blob_module(const struct sb_blob *blob, uint32_t number, struct sb_module *module)
{
    struct sb_module_record record;

    memset(module, 0, sizeof(*module));
    if (get_record(blob, SB_SECTION_MODULES, number, &record, sizeof(record)) == 0) {
        return 0;
    }
    if (get_string(blob, record.name_offset, record.name_size, &module->name) < 0
        || get_string(blob, record.path_offset, record.path_size, &module->path) < 0)
    {
        return -1;
    }
    if ((record.flags & SB_MODULE_FLAG_SOURCE)
        && get_range(blob, SB_SECTION_DATA, record.source_offset, record.source_size, &module->source) < 0)
    {
        return -1;
    }
    if ((record.flags & SB_MODULE_FLAG_BYTECODE)
        && get_range(blob, SB_SECTION_DATA, record.bytecode_offset, record.bytecode_size, &module->bytecode) < 0)
    {
        return -1;
    }
    module->flags = record.flags;
    module->portion_first = record.portion_first;
    module->portion_count = record.portion_count;
    module->location = record.location;
    return 1;
}

/* CRC-32 as in zlib, four bits at a time: names are short, and the table fits into one line of cache */
static uint32_t
crc32(const char *text, size_t size)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < size; i++) {
        crc ^= (uint8_t)text[i];
        crc = (crc >> 4) ^ table[crc & 15];
        crc = (crc >> 4) ^ table[crc & 15];
    }
    return crc ^ 0xffffffffu;
}

int
sb_blob_find_module(const struct sb_blob *blob, const char *name, size_t size, struct sb_module *module)
{
    uint32_t slots = sb_blob_count(blob, SB_SECTION_MODULE_SLOTS);
    uint32_t slot = crc32(name, size);

    /* a table without a free slot is damaged, so the search has an end of its own */
    for (uint32_t tried = 0; tried < slots; tried++, slot++) {
        struct sb_slot_record record = {0};
        get_record(blob, SB_SECTION_MODULE_SLOTS, slot & (slots - 1), &record, sizeof(record));
        if (record.module == 0) {
            return 0;
        }
        struct string_ref name_ref;
        struct sb_bytes found;
        if (get_record(blob, SB_SECTION_MODULES, record.module - 1, &name_ref, sizeof(name_ref)) == 0
            || get_string(blob, name_ref.offset, name_ref.size, &found) < 0)
        {
            return -1;
        }
        if (compare(&found, name, size) == 0) {
            return sb_blob_module(blob, record.module - 1, module);
        }
    }
    return -1;
}

int
sb_blob_portion(const struct sb_blob *blob, const struct sb_module *module, uint32_t which, struct sb_bytes *folder)
{
    struct sb_portion_record record;

    if (which >= module->portion_count) {
        return 0;
    }
    if (module->portion_first > UINT32_MAX - which
        || get_record(blob, SB_SECTION_PORTIONS, module->portion_first + which, &record, sizeof(record)) == 0
        || get_string(blob, record.folder_offset, record.folder_size, folder) < 0)
    {
        return -1;
    }
    return 1;
}

int
sb_blob_path(const struct sb_blob *blob, uint32_t number, struct sb_path *path)
{
    struct sb_path_record record;

    memset(path, 0, sizeof(*path));
    if (get_record(blob, SB_SECTION_PATHS, number, &record, sizeof(record)) == 0) {
        return 0;
    }
    if (get_string(blob, record.path_offset, record.path_size, &path->path) < 0) {
        return -1;
    }
    if (!(record.flags & SB_PATH_FLAG_ABSENT)
        && get_range(blob, SB_SECTION_DATA, record.data_offset, record.data_size, &path->data) < 0)
    {
        return -1;
    }
    path->flags = record.flags;
    path->module = record.module;
    return 1;
}

int
sb_blob_location(const struct sb_blob *blob, uint32_t number, struct sb_location *location)
{
    struct sb_location_record record;

    memset(location, 0, sizeof(*location));
    if (get_record(blob, SB_SECTION_LOCATIONS, number, &record, sizeof(record)) == 0) {
        return 0;
    }
    if (get_string(blob, record.name_offset, record.name_size, &location->name) < 0
        || get_string(blob, record.folder_offset, record.folder_size, &location->folder) < 0)
    {
        return -1;
    }
    location->flags = record.flags;
    location->member_first = record.member_first;
    location->member_count = record.member_count;
    return 1;
}

int
sb_blob_member(const struct sb_blob *blob, const struct sb_location *location, uint32_t which, struct sb_path *path)
{
    struct sb_member_record record;

    if (which >= location->member_count) {
        return 0;
    }
    if (location->member_first > UINT32_MAX - which
        || get_record(blob, SB_SECTION_MEMBERS, location->member_first + which, &record, sizeof(record)) == 0)
    {
        return -1;
    }
    return sb_blob_path(blob, record.path, path) == 1 ? 1 : -1;
}

int
sb_blob_bound(const struct sb_blob *blob, enum sb_section section, const char *text, size_t size, uint32_t *number)
{
    uint32_t low = 0;
    uint32_t high = sb_blob_count(blob, section);

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct string_ref ref;
        struct sb_bytes found;
        get_record(blob, section, middle, &ref, sizeof(ref));
        if (get_string(blob, ref.offset, ref.size, &found) < 0) {
            return -1;
        }
        if (compare(&found, text, size) < 0) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    *number = low;
    return 0;
}

int
sb_blob_find_path(const struct sb_blob *blob, const char *path, size_t size, struct sb_path *found)
{
    uint32_t number;

    if (sb_blob_bound(blob, SB_SECTION_PATHS, path, size, &number) < 0) {
        return -1;
    }
    int status = sb_blob_path(blob, number, found);
    if (status == 1 && compare(&found->path, path, size) != 0) {
        return 0;
    }
    return status;
}

int
sb_blob_is_folder(const struct sb_blob *blob, const char *path, size_t size)
{
    /* The files below "a/b" are sorted behind "a/b/", but "a/b-c" may lie between "a/b" and them. */
    uint32_t low = 0;
    uint32_t high = sb_blob_count(blob, SB_SECTION_PATHS);

    if (size == 0) {
        return 1;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct string_ref ref;
        struct sb_bytes found;
        get_record(blob, SB_SECTION_PATHS, middle, &ref, sizeof(ref));
        if (get_string(blob, ref.offset, ref.size, &found) < 0) {
            return -1;
        }
        struct sb_bytes head = {found.data, found.size < size ? found.size : size};
        int order = compare(&head, path, size);
        if (order == 0) {
            int next = found.size > size ? found.data[size] : -1;
            if (next == '/') {
                return 1;
            }
            order = next < '/' ? -1 : 1;
        }
        if (order < 0) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return 0;
}

int
sb_blob_pair(const struct sb_blob *blob, enum sb_section section, uint32_t number, struct sb_pair *pair)
{
    /* settings and distributions have the same shape: two strings */
    struct sb_setting_record record;

    if ((section != SB_SECTION_SETTINGS && section != SB_SECTION_DISTRIBUTIONS)
        || get_record(blob, section, number, &record, sizeof(record)) == 0)
    {
        return 0;
    }
    if (get_string(blob, record.key_offset, record.key_size, &pair->key) < 0
        || get_string(blob, record.value_offset, record.value_size, &pair->value) < 0)
    {
        return -1;
    }
    return 1;
}
_Static_assert(sizeof(struct sb_setting_record) == sizeof(struct sb_distribution_record), "same shape");

int
sb_blob_find_setting(const struct sb_blob *blob, const char *key, struct sb_bytes *value)
{
    uint32_t number;
    struct sb_pair pair;

    if (sb_blob_bound(blob, SB_SECTION_SETTINGS, key, strlen(key), &number) < 0) {
        return -1;
    }
    int status = sb_blob_pair(blob, SB_SECTION_SETTINGS, number, &pair);
    if (status == 1 && compare(&pair.key, key, strlen(key)) != 0) {
        return 0;
    }
    if (status == 1) {
        *value = pair.value;
    }
    return status;
}

int
sb_blob_children(const struct sb_blob *blob, enum sb_section section, const char *prefix, size_t size,
                 struct sb_children *children)
{
    children->blob = blob;
    children->section = section;
    children->prefix.data = (const uint8_t *)prefix;
    children->prefix.size = size;
    children->separator = section == SB_SECTION_PATHS ? '/' : '.';
    return sb_blob_bound(blob, section, prefix, size, &children->next);
}

/* the name of record `number`, if it lies below the prefix */
static int
name_below(const struct sb_children *children, uint32_t number, struct sb_bytes *name)
{
    struct string_ref ref;

    if (get_record(children->blob, children->section, number, &ref, sizeof(ref)) == 0) {
        return 0;
    }
    if (get_string(children->blob, ref.offset, ref.size, name) < 0) {
        return -1;
    }
    size_t size = children->prefix.size;
    if (name->size < size || (size && memcmp(name->data, children->prefix.data, size) != 0)) {
        return 0;
    }
    name->data += size;
    name->size -= size;
    return 1;
}

int
sb_blob_next_child(struct sb_children *children, struct sb_child *child)
{
    struct sb_bytes name;

    int status = name_below(children, children->next, &name);
    if (status != 1) {
        return status;
    }
    const uint8_t *separator = name.size ? memchr(name.data, children->separator, name.size) : NULL;
    child->number = children->next;
    child->name.data = name.data;
    child->name.size = separator ? (size_t)(separator - name.data) : name.size;
    child->has_record = separator == NULL;
    child->has_children = separator != NULL;
    children->next++;
    if (separator == NULL) {
        return 1;
    }

    /* Skip everything below this child: it ends before the first name with the next greater separator. */
    uint32_t low = children->next;
    uint32_t high = sb_blob_count(children->blob, children->section);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        status = name_below(children, middle, &name);
        if (status < 0) {
            return -1;
        }
        if (status == 1 && name.size > child->name.size
            && memcmp(name.data, child->name.data, child->name.size) == 0
            && name.data[child->name.size] == (uint8_t)children->separator)
        {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    children->next = low;
    return 1;
}
