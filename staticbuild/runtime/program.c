/* program.c - what is known before Python starts: the resources and who we are. Knows nothing of Python's objects. */

#include "program.h"

#include <string.h>

#include "settings.h"

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

/* Is an argument a group of python's options, such as `-Bu` or `-Wdefault`? `*command` becomes 1 if `-c` or `-m` is in it,
 * `*value` if the value of an option is the next argument. */
static int
is_option_group(const char *argument, int *command, int *value)
{
    *command = 0;
    *value = 0;
    if (argument[0] != '-' || argument[1] == '\0') {
        return 0;
    }
    for (const char *option = argument + 1; *option != '\0'; option++) {
        if (strchr("cmWX", *option) != NULL) {
            *command = *option == 'c' || *option == 'm';
            *value = option[1] == '\0';
            return 1;
        }
        if (strchr("bBdEiIOPqRsSuvx", *option) == NULL) {
            return 0;
        }
    }
    return 1;
}

/* the place of `-c` or `-m` among the arguments, behind nothing but options of python; 0 if there is none */
static int
find_command(void)
{
    int command = 0;
    int value = 0;

    for (int i = 1; i < sb_program.argc && is_option_group(sb_program.argv[i], &command, &value); i += 1 + value) {
        if (command) {
            return i + value < sb_program.argc ? i : 0;
        }
    }
    return 0;
}

int
sb_program_is_python(void)
{
    if (sb_program_multiprocessing() != NULL) {
        return 0;
    }
    if (sb_setting_bool("interpreter", SB_DEFAULT_INTERPRETER)) {
        return 1;
    }
    return sb_setting_bool("python_commands", SB_DEFAULT_PYTHON_COMMANDS) && find_command() != 0;
}

const char *
sb_program_multiprocessing(void)
{
    static const char *const heads[] = {
        "from multiprocessing.resource_tracker import main;main(",
        "from multiprocessing.forkserver import main; main(",
        "from multiprocessing.spawn import spawn_main; spawn_main(",
    };

    if (!sb_setting_bool("multiprocessing", SB_DEFAULT_MULTIPROCESSING) || sb_program.argc < 2) {
        return NULL;
    }
    if (strcmp(sb_program.argv[1], "--multiprocessing-fork") == 0) {
        return sb_program.argv[1];
    }
    if (sb_setting_bool("interpreter", SB_DEFAULT_INTERPRETER)) {
        return NULL;    /* it reads `-c` itself, and the options in front of it */
    }
    int command = find_command();
    if (command == 0 || strcmp(sb_program.argv[command], "-c") != 0) {
        return NULL;
    }
    for (int i = 0; i < (int)(sizeof(heads) / sizeof(heads[0])); i++) {
        if (strncmp(sb_program.argv[command + 1], heads[i], strlen(heads[i])) == 0) {
            return sb_program.argv[command + 1];
        }
    }
    return NULL;
}
