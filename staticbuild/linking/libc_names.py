"""The C library's functions that `ctypes.CDLL(None)` always finds. Knows names, not which of them a C library has.

Code calls them through ctypes because Python has no other way to them, or to show how ctypes is used. Everything else of the
C library is found if something in the executable uses it. Not here is what would bring in a part of the C library's own malloc,
which another allocator may have replaced.
"""

from __future__ import annotations

from typing import Final

COMMON: Final = frozenset(
    """
    abort abs access alarm asctime atoi atof atol atoll bsearch calloc chdir chmod chown clearerr clock clock_getres
    clock_gettime clock_nanosleep clock_settime close closedir ctime difftime div dprintf dup dup2 environ errno eventfd
    eventfd_read eventfd_write execv execve execvp exit fallocate fchdir fchmod fchown fclose fcntl fdopen feof ferror
    fflush ffs fgetc fgets fileno flock fopen fork fprintf fputc fputs fread free freopen fscanf fseek fsetxattr fstat fsync
    ftell ftruncate fwrite getc getchar getcwd getdomainname getegid getenv geteuid getgid getgrgid getgrnam getgroups
    gethostid gethostname getitimer getline getpgid getpgrp getpid getppid getpriority getpwnam getpwuid getresgid getresuid
    getrlimit getrusage getsid getsockopt gettid gettimeofday getuid getxattr gmtime gmtime_r htonl htons inet_ntop
    inet_pton inotify_add_watch inotify_init inotify_init1 inotify_rm_watch ioctl isalnum isalpha isatty isdigit islower
    isspace isupper isxdigit kill labs ldiv lgetxattr link listxattr llabs localtime localtime_r lseek madvise malloc memchr
    memcmp memcpy memfd_create memmem memmove memset mincore mkdir mkdtemp mkfifo mknod mkstemp mktime mlock mlockall mmap
    mount mprotect mremap msync munlock munlockall munmap nanosleep nice ntohl ntohs open openat opendir pause perror
    personality pipe pipe2 pivot_root poll posix_fadvise posix_fallocate ppoll prctl pread printf prlimit process_vm_readv
    process_vm_writev ptrace pthread_getname_np pthread_kill pthread_self pthread_setname_np ptsname putc putchar putenv
    puts pwrite qsort qsort_r raise rand rand_r random read readdir readlink realloc realpath reboot recv recvmsg remove
    removexattr rename rewind rmdir sched_getaffinity sched_getcpu sched_get_priority_max sched_get_priority_min
    sched_getscheduler sched_setaffinity sched_setscheduler sched_yield select send sendfile sendmsg setdomainname setegid
    setenv seteuid setgid setgroups sethostname setitimer setjmp setlocale setns setpgid setpriority setregid setresgid
    setresuid setreuid setrlimit setsid setsockopt setuid setvbuf setxattr sigaction sigaddset sigemptyset sigfillset signal
    signalfd sigprocmask sleep snprintf socket socketpair splice sprintf srand srandom sscanf stat statfs statvfs stderr
    stdin stdout stpcpy strcasecmp strcat strchr strcmp strcoll strcpy strcspn strdup strerror strerror_r strftime strlen
    strncasecmp strncat strncmp strncpy strndup strnlen strpbrk strptime strrchr strsep strsignal strspn strstr strtod
    strtof strtok strtok_r strtol strtoll strtoul strtoull strxfrm swab symlink sync syncfs syscall sysconf sysinfo syslog
    system tcgetattr tcgetpgrp tcsetattr tcsetpgrp tee time timegm timerfd_create timerfd_gettime timerfd_settime times
    tmpfile toascii tolower toupper truncate ttyname tzset umask umount umount2 uname unlink unshare unsetenv usleep utime
    utimensat utimes vfork vprintf vmsplice vsnprintf wait wait3 wait4 waitid waitpid wcscmp wcscpy wcslen wcsncpy wcstombs
    wmemcpy wprintf write acos asin atan atan2 cbrt ceil cos cosh erf exp fabs floor fmod hypot ldexp lgamma log log10 log2
    lround modf nextafter pow rint round sin sinh sqrt sqrtf tan tanh tgamma trunc cosf sinf powf floorf fabsf
    """.split()  # noqa: SIM905 - one name a line would be longer than the package
)
