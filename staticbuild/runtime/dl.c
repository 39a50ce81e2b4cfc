/* dl.c - dlopen and its kin for a program without a dynamic loader. Knows the table of symbols, nothing of Python.
 *
 * In a static program musl's own dlopen fails for everything, even for the program itself, and so `import ctypes`
 * fails. Here the program itself can be opened, under its own name, none, or that of the C library, and what the
 * link put into `sb_symbols` can be found in it. Another library still cannot be loaded, and the error says what to do
 * instead.
 *
 * These are the only external names without the prefix: they take the place of the C library's. */

#if defined(__linux__)
#  define _GNU_SOURCE
#  include <features.h>
#endif

#if defined(__linux__) && !defined(__GLIBC__)

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "symbols.h"

static const char program;   /* its address stands for the program itself */
static _Thread_local char message[256];
static _Thread_local int has_message;

static void
set_message(const char *format, const char *name)
{
    snprintf(message, sizeof(message), format, name);
    has_message = 1;
}

/* Does `file` name the running program, or a part of the C library, which is in it? */
static int
names_program(const char *file)
{
    /* glibc's and musl's: programs open them by name to call one function. */
    static const char *const parts[] = {
        "libc.so.6",  "libm.so.6",     "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1",
        "libc.so",    "libm.so",       "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1",
    };
    struct stat ours;
    struct stat theirs;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (strcmp(file, parts[i]) == 0) {
            return 1;
        }
    }

    return stat("/proc/self/exe", &ours) == 0 && stat(file, &theirs) == 0 && ours.st_dev == theirs.st_dev
           && ours.st_ino == theirs.st_ino;
}

static int
is_program(const void *handle)
{
    return handle == &program || handle == RTLD_DEFAULT || handle == RTLD_NEXT;
}

void *
dlopen(const char *file, int mode)
{
    (void)mode;
    if (file == NULL || names_program(file)) {
        return (void *)&program;
    }
    set_message("%.150s: this program is linked statically and cannot load shared libraries; link the library in, "
                "or build with a dynamic flavor", file);
    return NULL;
}

void *
dlsym(void *restrict handle, const char *restrict name)
{
    size_t low = 0;
    size_t high = sb_symbols_count;

    if (!is_program(handle)) {
        set_message("%s: invalid handle", name);
        return NULL;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(sb_symbols[middle].name, name);
        if (order == 0 && sb_symbols[middle].address != NULL) {
            return (void *)sb_symbols[middle].address;
        }
        if (order == 0) {
            break; /* the link left this one of the C library out */
        }
        if (order < 0) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    set_message("%.150s: this statically linked program has no such symbol; link code that uses it in", name);
    return NULL;
}

int
dlclose(void *handle)
{
    if (!is_program(handle)) {
        set_message("%s: invalid handle", "dlclose");
        return -1;
    }
    return 0;
}

char *
dlerror(void)
{
    if (!has_message) {
        return NULL;
    }
    has_message = 0;
    return message;
}

int
dladdr(const void *address, Dl_info *info)
{
    (void)address;
    (void)info;
    return 0;
}

int
dlinfo(void *handle, int request, void *result)
{
    (void)handle;
    (void)request;
    (void)result;
    set_message("%s: not available in a statically linked program", "dlinfo");
    return -1;
}

#else

/* C wants at least one declaration in a file. */
typedef int sb_dl_unused;

#endif
