"""GNU make, for the recipes whose sources bring Makefiles; no part of it is in any executable.

Knows GNU make's files and what its configure script finds out on musl. It takes three seconds, and no host needs to have make.
"""

load("@stdlib//recipe.bzl", "recipe")

def make():
    return recipe.declare(
        name = "make",
        version = "4.4.1",
        sha256 = "dd16fb1d67bfab79a72f5e8390735c49e3e8e70b4945a15ab1f81ddb78658fb3",
        places = [
            "https://ftp.gnu.org/gnu/make/make-4.4.1.tar.gz",
            {
                # Without the manual, whose licence Debian does not take.
                "place": "debian:pool/main/m/make-dfsg/make-dfsg_4.4.1.orig.tar.xz",
                "sha256": "3b16b00ea1079af9f8096bbc71ff7cc00c249fc6a862003da3c42308a0adb0fe",
            },
        ],
        license = "GPL-3.0-or-later",
        license_files = ["COPYING"],
        script = r"""
mkdir -p build/include out/bin
{
    for feature in ALLOCA ALLOCA_H ATEXIT CLOCK_GETTIME DECL_BSD_SIGNAL DECL_GETLOADAVG DIRENT_H DUP DUP2 FCNTL_H FDOPEN FORK \
        GETCWD GETGROUPS GETRLIMIT GETTIMEOFDAY INTMAX_T INTTYPES_H ISATTY LIMITS_H LOCALE_H LONG_LONG_INT LSTAT MEMORY_H MEMPCPY \
        MEMRCHR MKFIFO MKSTEMP MKTEMP PIPE POSIX_SPAWN POSIX_SPAWNATTR_SETSIGMASK PSELECT READLINK REALPATH SA_RESTART SETEGID \
        SETEUID SETLINEBUF SETREGID SETREUID SETRLIMIT SETVBUF SIGACTION SIG_ATOMIC_T SPAWN_H STDBOOL_H STDINT_H STDIO_H STDLIB_H \
        STPCPY STRCASECMP STRCOLL STRDUP STRERROR STRINGS_H STRING_H STRNCASECMP STRNDUP STRSIGNAL STRTOLL STRUCT_DIRENT_D_TYPE \
        SYS_FILE_H SYS_PARAM_H SYS_RESOURCE_H SYS_SELECT_H SYS_STAT_H SYS_TIMEB_H SYS_TIME_H SYS_TYPES_H SYS_WAIT_H TTYNAME \
        UINTMAX_T UMASK UNISTD_H UNSIGNED_LONG_LONG_INT VFORK WAIT3 WAITPID WCHAR_H WORKING_FORK WORKING_VFORK; do
        echo "#define HAVE_$feature 1"
    done
    cat <<'EOF'
#define FILE_TIMESTAMP_HI_RES 1
#define HAVE_DECL_SYS_SIGLIST 0
#define HAVE_DECL__SYS_SIGLIST 0
#define HAVE_DECL___SYS_SIGLIST 0
#define INCLUDEDIR "/usr/include"
#define LIBDIR "/usr/lib"
#define LOCALEDIR "/usr/share/locale"
#define MAKE_CXX "c++"
#define MAKE_HOST "x86_64-unknown-linux-musl"
#define MAKE_JOBSERVER 1
#define MAKE_SYMLINKS 1
#define PACKAGE "make"
#define PACKAGE_BUGREPORT "bug-make@gnu.org"
#define PACKAGE_NAME "GNU Make"
#define PACKAGE_STRING "GNU Make 4.4.1"
#define PACKAGE_TARNAME "make"
#define PACKAGE_URL "https://www.gnu.org/software/make/"
#define PACKAGE_VERSION "4.4.1"
#define PATH_SEPARATOR_CHAR ':'
#define SCCS_GET "get"
#define ST_MTIM_NSEC st_mtim.tv_nsec
#define USE_POSIX_SPAWN 1
#define VERSION "4.4.1"
#define _GNU_SOURCE 1
#define _GL_ATTRIBUTE_FORMAT(spec) __attribute__((__format__ spec))
#define _GL_ATTRIBUTE_MALLOC
#define _GL_ATTRIBUTE_DEALLOC_FREE
#define _GL_ATTRIBUTE_MAYBE_UNUSED __attribute__((__unused__))
#define _GL_ATTRIBUTE_PURE
#define _GL_ATTRIBUTE_RETURNS_NONNULL
#include <stdbool.h>
#define _UNUSED_PARAMETER_ _GL_ATTRIBUTE_MAYBE_UNUSED
EOF
} >build/include/config.h

# make relies on details of GNU's own glob and fnmatch, which it brings along.
cp source/lib/glob.in.h build/include/glob.h
cp source/lib/fnmatch.in.h build/include/fnmatch.h
library make "-O1 -w -DHAVE_CONFIG_H -Ibuild/include -Isource/src -Isource/lib" \
    $(cd source && for part in ar arscan commands default dir expand file function getopt getopt1 guile hash implicit job load \
        loadapi main misc output posixos read remake remote-stub rule shuffle signame strcache variable version vpath; do
        echo src/$part.c
    done) lib/concat-filename.c lib/findprog-in.c lib/fnmatch.c lib/glob.c
cc -s -o out/bin/make build/*.o
rm -r out/lib out/include
""",
    )
