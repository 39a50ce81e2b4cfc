"""libuuid: the `_uuid` module. Knows the few files of util-linux that make the library, without its daemon."""

load("@stdlib//recipe.bzl", "recipe")

def libuuid(platform):
    return recipe.declare(
        name = "libuuid",
        platform = platform,
        version = "2.41.5",
        sha256 = "f586e35d320ff537aab3ffeca37e9ecd482ccbe013590db4429a414d8aa6a728",
        places = [
            "https://www.kernel.org/pub/linux/utils/util-linux/v2.41/util-linux-2.41.5.tar.xz",
            "debian:pool/main/u/util-linux/util-linux_2.41.5.orig.tar.xz",
        ],
        license = "BSD-3-Clause",
        license_files = ["libuuid/COPYING", "Documentation/licenses/COPYING.BSD-3-Clause"],
        libraries = ["uuid"],
        # In glibc since 2.25, and in the kernel for longer; in glibc since 2.26.
        glibc = {
            "#define HAVE_GETRANDOM 1\n": "",
            "#define HAVE_REALLOCARRAY 1\n": "#include <features.h>\n#if __GLIBC_PREREQ(2, 26)\n#define HAVE_REALLOCARRAY 1\n#endif\n",
        },
        script = r"""
cat >build/config.h <<'EOF'
#define _GNU_SOURCE 1
#define HAVE_ERR 1
#define HAVE_ERR_H 1
#define HAVE_GETRANDOM 1
#define HAVE_JRAND48 1
#define HAVE_LIBPTHREAD 1
#define HAVE_LOFF_T 1
#define HAVE_NANOSLEEP 1
#define HAVE_NET_IF_H 1
#define HAVE_NETINET_IN_H 1
#define HAVE_REALLOCARRAY 1
#define HAVE_PROGRAM_INVOCATION_SHORT_NAME 1
#define HAVE_STDLIB_H 1
#define HAVE_STRNLEN 1
#define HAVE_STRNDUP 1
#define HAVE_SYS_FILE_H 1
#define HAVE_SYS_IOCTL_H 1
#define HAVE_SYS_SOCKET_H 1
#define HAVE_SYS_SYSCALL_H 1
#define HAVE_SYS_TIME_H 1
#define HAVE_SYS_UN_H 1
#define HAVE_TLS 1
#define HAVE_UNISTD_H 1
#define HAVE_USLEEP 1
#define HAVE_FSYNC 1
#define _PATH_LOCALSTATEDIR "/var"
EOF
mkdir out/include/uuid
cp source/libuuid/src/uuid.h out/include/uuid/
library uuid "-O2 -pthread -include build/config.h -Isource/include -Isource/libuuid/src" \
    $(cd source && ls libuuid/src/*.c | grep -v test_uuid) lib/randutils.c lib/md5.c lib/sha1.c
""",
    )
