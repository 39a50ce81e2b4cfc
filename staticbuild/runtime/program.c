/* program.c - what is known before Python starts: the resources and who we are. Knows nothing of Python's objects. */

#include "program.h"

#include <string.h>

struct sb_program sb_program;

const char *
sb_setting(const char *key, size_t *size)
{
    struct sb_bytes value;

    if (sb_blob_find_setting(&sb_program.blob, key, &value) != 1) {
        *size = 0;
        return "";
    }
    *size = value.size;
    return (const char *)value.data;
}

int
sb_setting_bool(const char *key, int otherwise)
{
    return sb_setting_int(key, otherwise) != 0;
}

long
sb_setting_int(const char *key, long otherwise)
{
    size_t size;
    const char *text = sb_setting(key, &size);
    size_t i = size && text[0] == '-' ? 1 : 0;
    long number = 0;

    if (i == size || size - i > 9) {
        return otherwise;
    }
    for (; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return otherwise;
        }
        number = number * 10 + (text[i] - '0');
    }
    return text[0] == '-' ? -number : number;
}

int
sb_setting_is(const char *key, const char *text)
{
    size_t size;
    const char *value = sb_setting(key, &size);
    return size == strlen(text) && memcmp(value, text, size) == 0;
}
