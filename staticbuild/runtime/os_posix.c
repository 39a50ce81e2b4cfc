/* os_posix.c - what differs from one operating system to the next: Linux. Knows nothing of Python. */

#if !defined(_WIN32)

#define _GNU_SOURCE
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* `folder`/`name` in new memory; `folder_size` may be cut short of its end */
static char *
join(const char *folder, size_t folder_size, const char *name)
{
    size_t name_size = strlen(name);
    char *path = malloc(folder_size + name_size + 2);

    if (path == NULL) {
        return NULL;
    }
    memcpy(path, folder, folder_size);
    if (folder_size && path[folder_size - 1] != '/') {
        path[folder_size++] = '/';
    }
    memcpy(path + folder_size, name, name_size + 1);
    return path;
}

/* make a path absolute, as seen from the current folder */
static char *
absolute(const char *path)
{
    if (path[0] == '/') {
        return strdup(path);
    }
    char *folder = getcwd(NULL, 0);
    if (folder == NULL) {
        return NULL;
    }
    if (path[0] == '.' && path[1] == '/') {
        path += 2;
    }
    char *joined = join(folder, strlen(folder), path);
    free(folder);
    return joined;
}

static int
is_executable_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* find a bare command name as a shell does */
static char *
search_path(const char *name)
{
    const char *folders = getenv("PATH");

    while (folders != NULL) {
        const char *end = strchr(folders, ':');
        size_t size = end ? (size_t)(end - folders) : strlen(folders);
        char *path = size ? join(folders, size, name) : join("./", 2, name);
        if (path != NULL && is_executable_file(path)) {
            char *found = absolute(path);
            free(path);
            return found;
        }
        free(path);
        folders = end ? end + 1 : NULL;
    }
    return NULL;
}

/* what the kernel says; NULL without /proc */
static char *
from_proc(void)
{
    size_t size = 256;

    for (;;) {
        char *path = malloc(size);
        if (path == NULL) {
            return NULL;
        }
        ssize_t length = readlink("/proc/self/exe", path, size);
        if (length > 0 && (size_t)length < size && path[0] == '/') {
            path[length] = '\0';
            return path;
        }
        free(path);
        if (length <= 0 || (size_t)length < size || size > 65536) {
            return NULL;
        }
        size *= 4;
    }
}

char *
sb_os_executable(const char *argv0)
{
    char *path = from_proc();
    if (path != NULL) {
        return path;
    }
    /* The name that execve was called with, which the kernel leaves in memory. */
    const char *name = (const char *)getauxval(AT_EXECFN);
    if (name != NULL && name[0] != '\0' && strncmp(name, "/dev/fd/", 8) != 0) {
        return absolute(name);
    }
    if (argv0 == NULL || argv0[0] == '\0') {
        return NULL;
    }
    return strchr(argv0, '/') != NULL ? absolute(argv0) : search_path(argv0);
}

void
sb_os_thread_stack(size_t size)
{
    /* glibc takes the limit of the main thread's stack, which a user can set; musl has a constant of 128 KiB. */
#if defined(__linux__) && !defined(__GLIBC__)
    pthread_attr_t attributes;

    if (size == 0 || pthread_attr_init(&attributes) != 0) {
        return;
    }
    if (pthread_attr_setstacksize(&attributes, size) == 0) {
        (void)pthread_setattr_default_np(&attributes);
    }
    pthread_attr_destroy(&attributes);
#else
    (void)size;
#endif
}

void
sb_os_main_stack(size_t size)
{
    /* Linux looks at the limit each time the stack grows, and has kept at least 128 MiB free below it. CPython counts on
     * some megabytes when it decides how deep calls may go. Processes that we start inherit the limit; they could have
     * raised it themselves. */
    struct rlimit limit;

    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= size) {
        return;
    }
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= size ? size : limit.rlim_max;
    (void)setrlimit(RLIMIT_STACK, &limit);
}

int
sb_os_die_of_interrupt(void)
{
    /* A shell that runs us in a loop goes on unless it sees that the signal ended us. */
    if (signal(SIGINT, SIG_DFL) != SIG_ERR) {
        kill(getpid(), SIGINT);
    }
    return 128 + SIGINT;
}

#if defined(__NR_memfd_create)

/* of <linux/memfd.h> and <linux/fcntl.h>, which old C libraries do not have */
#define SB_MFD_CLOEXEC 0x1u
#define SB_MFD_ALLOW_SEALING 0x2u
#define SB_MFD_EXEC 0x10u
#define SB_F_ADD_SEALS 1033
#define SB_ALL_SEALS 0xf    /* no more seals, no other size, no writing */

int
sb_os_memory_file(const char *name, const void *data, size_t size)
{
    const char *bytes = data;
    const unsigned flags = SB_MFD_CLOEXEC | SB_MFD_ALLOW_SEALING;

    /* Since Linux 6.3 a host can be set up so that only who asks for it may execute. Older ones do not know the flag. */
    int descriptor = (int)syscall(__NR_memfd_create, name, flags | SB_MFD_EXEC);
    if (descriptor < 0 && errno == EINVAL) {
        descriptor = (int)syscall(__NR_memfd_create, name, flags);
    }
    while (descriptor >= 0 && size > 0) {
        ssize_t written = write(descriptor, bytes, size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            int reason = written < 0 ? errno : ENOSPC;
            close(descriptor);
            errno = reason;
            return -1;
        }
        bytes += written;
        size -= (size_t)written;
    }
    if (descriptor >= 0) {
        (void)fcntl(descriptor, SB_F_ADD_SEALS, SB_ALL_SEALS);
    }
    return descriptor;
}

#else

int
sb_os_memory_file(const char *name, const void *data, size_t size)
{
    (void)name;
    (void)data;
    (void)size;
    errno = ENOSYS;
    return -1;
}

#endif

int
sb_os_same_contents(int descriptor, const void *data, size_t size)
{
    const char *bytes = data;
    char piece[65536];
    size_t at = 0;

    for (;;) {
        ssize_t got = pread(descriptor, piece, sizeof(piece), (off_t)at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? -1 : at == size;
        }
        if ((size_t)got > size - at || memcmp(piece, bytes + at, (size_t)got) != 0) {
            return 0;
        }
        at += (size_t)got;
    }
}

#endif
