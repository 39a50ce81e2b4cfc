"""libuv: the event loop of uvloop. Knows which of libuv's files are for Linux."""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

def libuv(platform):
    return recipe.declare(
        name = "libuv",
        platform = platform,
        version = "1.50.0",
        sha256 = "6dc2b39aa7fa66c04e2e015bf47738b84e1c6b86b8987d57dd432d149d77ee25",
        places = [
            "https://dist.libuv.org/dist/v1.50.0/libuv-v1.50.0.tar.gz",
            {
                # Debian's copy was made of the repository, and lacks what autotools made; the library's files are the same.
                "place": "debian:pool/main/libu/libuv1/libuv1_1.50.0.orig.tar.gz",
                "sha256": "ec9de6ecf2a780fd2afb3b007947d2cd57c3bb17f3b9e721a66774980d35cd4d",
            },
        ],
        license = "MIT",
        license_files = ["LICENSE", "LICENSE-extra"],
        libraries = ["uv"],
        modules = {"libuv": pkgconfig.module("asynchronous input and output", "-luv -lpthread -ldl -lrt")},
        describe = True,
        weight = 6,
        script = r"""
library uv "-O2 -D_FILE_OFFSET_BITS=64 -D_LARGEFILE_SOURCE -D_GNU_SOURCE -D_POSIX_C_SOURCE=200112 -fno-strict-aliasing -pthread \
    -Isource/include -Isource/src" $(cd source && ls src/*.c) \
    $(for part in async core dl fs getaddrinfo getnameinfo linux loop loop-watcher pipe poll process procfs-exepath proctitle \
        random-devurandom random-getrandom random-sysctl-linux signal stream tcp thread tty udp; do echo src/unix/$part.c; done)
cp -R source/include/uv.h source/include/uv out/include/
""",
    )
