/* blob.h - reads packed resources in place. Knows nothing of Python, so that it can be fuzzed alone.
 *
 * Nothing in a blob is trusted: each offset is checked before it is used. Functions that look something up return
 * 1 when it is there, 0 when it is not, and -1 when the blob contradicts itself. */

#ifndef SB_BLOB_H
#define SB_BLOB_H

#include <stddef.h>
#include <stdint.h>

#include "format.h"

/* a range of the blob; `data` is NULL when there is none */
struct sb_bytes {
    const uint8_t *data;
    size_t size;
};

struct sb_blob {
    struct sb_bytes sections[SB_SECTION_COUNT];
};

struct sb_module {
    struct sb_bytes name;
    struct sb_bytes path;
    struct sb_bytes source;
    struct sb_bytes bytecode;
    uint32_t flags;
    uint32_t portion_first;
    uint32_t portion_count;
    uint32_t location;          /* number of the location plus 1, or 0 */
};

struct sb_path {
    struct sb_bytes path;
    struct sb_bytes data;
    uint32_t flags;
    uint32_t module;
};

/* files that are on disk while the program runs */
struct sb_location {
    struct sb_bytes name;
    struct sb_bytes folder;
    uint32_t flags;
    uint32_t member_first;
    uint32_t member_count;
};

/* a key and what belongs to it: a setting, or a distribution and its folder */
struct sb_pair {
    struct sb_bytes key;
    struct sb_bytes value;
};

/* open a blob of `size` bytes; returns NULL, or what is wrong with it as a sentence */
const char *sb_blob_open(struct sb_blob *blob, const void *data, size_t size);

/* how many records a section has */
uint32_t sb_blob_count(const struct sb_blob *blob, enum sb_section section);

/* read the module of that number */
int sb_blob_module(const struct sb_blob *blob, uint32_t number, struct sb_module *module);

/* find a module by its dotted name, in constant time */
int sb_blob_find_module(const struct sb_blob *blob, const char *name, size_t size, struct sb_module *module);

/* read the `which`-th folder of a package's `__path__` */
int sb_blob_portion(const struct sb_blob *blob, const struct sb_module *module, uint32_t which, struct sb_bytes *folder);

/* read the path of that number */
int sb_blob_path(const struct sb_blob *blob, uint32_t number, struct sb_path *path);

/* find a file by its path */
int sb_blob_find_path(const struct sb_blob *blob, const char *path, size_t size, struct sb_path *found);

/* is there a folder of that name? "" is the tree's root */
int sb_blob_is_folder(const struct sb_blob *blob, const char *path, size_t size);

/* read the location of that number */
int sb_blob_location(const struct sb_blob *blob, uint32_t number, struct sb_location *location);

/* read the `which`-th file of a location */
int sb_blob_member(const struct sb_blob *blob, const struct sb_location *location, uint32_t which, struct sb_path *path);

/* read the setting or distribution of that number */
int sb_blob_pair(const struct sb_blob *blob, enum sb_section section, uint32_t number, struct sb_pair *pair);

/* find a setting's value */
int sb_blob_find_setting(const struct sb_blob *blob, const char *key, struct sb_bytes *value);

/* find the first record of a sorted section whose name is not less than `text`; 0, or -1 */
int sb_blob_bound(const struct sb_blob *blob, enum sb_section section, const char *text, size_t size, uint32_t *number);

/* Walks over what lies directly in a folder ("json/") or package ("json."): each child once, in order. */
struct sb_children {
    const struct sb_blob *blob;
    enum sb_section section;    /* SB_SECTION_PATHS or SB_SECTION_MODULES */
    struct sb_bytes prefix;
    char separator;
    uint32_t next;
};

struct sb_child {
    struct sb_bytes name;       /* without the prefix */
    uint32_t number;            /* of its record, or of the first record below it */
    int has_record;             /* it is a file or module */
    int has_children;           /* something lies below it */
};

/* begin to walk over the children of `prefix`, which is empty or ends in the separator ('/' or '.'); 0, or -1 */
int sb_blob_children(const struct sb_blob *blob, enum sb_section section, const char *prefix, size_t size,
                     struct sb_children *children);

/* the next child */
int sb_blob_next_child(struct sb_children *children, struct sb_child *child);

#endif
