"""jemalloc: malloc and its family for executables that choose it. Knows its configure script, and how its inner names get a prefix.

Not part of the archive: it is linked into each executable, before the C library, whose malloc is weak.
"""

load("@stdlib//recipe.bzl", "recipe")

def jemalloc():
    native.files(name = "jemalloc_names", srcs = ["jemalloc.c"])
    return recipe.declare(
        name = "jemalloc",
        version = "5.3.0",
        sha256 = "2db82d1e7119df3e71b7640219b6dfe84789bc0537983c3b7ac4f7189aecfeaa",
        places = [
            "https://github.com/jemalloc/jemalloc/releases/download/5.3.0/jemalloc-5.3.0.tar.bz2",
            "debian:pool/main/j/jemalloc/jemalloc_5.3.0.orig.tar.bz2",
        ],
        license = "BSD-2-Clause",
        license_files = ["COPYING"],
        inputs = {"names/": ":jemalloc_names"},
        describe = True,
        weight = 20,
        script = r"""
cp -RL source own
chmod -R u+w own
rm source
mv own source

# What configure would ask this host is given: sizes of pages and addresses. libdl: there is nothing to load at run time.
mkdir configured
cd configured
../source/configure --build=x86_64-unknown-linux-musl CC=cc AR=ar RANLIB=ranlib --disable-cxx --disable-shared --disable-doc \
    --disable-stats --disable-fill --disable-libdl --with-lg-page=12 --with-lg-hugepage=21 --with-lg-vaddr=48
cd ..

# Only what the executable's config says decides: of the five sources of options, three are a file of the host, the
# environment, and a variable that nothing sets.
sed -i -e 's/^#define MALLOC_CONF_NSOURCES 5$/#define MALLOC_CONF_NSOURCES 2/' \
    -e '/opts_cache\[MALLOC_CONF_NSOURCES\] = {/,/}/c\	const char *opts_cache[MALLOC_CONF_NSOURCES] = {NULL, NULL};' \
    source/src/jemalloc.c
grep -q '^#define MALLOC_CONF_NSOURCES 2$' source/src/jemalloc.c
grep -q 'opts_cache\[MALLOC_CONF_NSOURCES\] = {NULL, NULL};$' source/src/jemalloc.c

# Its own make compiles all twice, to find with `nm` the inner names that want a prefix. An archive's index has them as well: a
# number of names, their places, the names.
files=$(cd source && ls src/*.c | grep -v zone)
options="-std=gnu11 -O3 -DNDEBUG -w -fvisibility=hidden -D_GNU_SOURCE -D_REENTRANT -Iconfigured/include -Isource/include"
library first "$options -DJEMALLOC_NO_PRIVATE_NAMESPACE" $files
count=$(od -An -tu4 --endian=big -j68 -N4 out/lib/libfirst.a | tr -d ' ')
tail -c "+$((73 + 4 * count))" out/lib/libfirst.a | tr '\0' '\n' | head -n "$count" | LC_ALL=C sort -u >names.txt
rm out/lib/libfirst.a
cut -d: -f1 configured/include/jemalloc/internal/public_symbols.txt | LC_ALL=C sort >public.txt
LC_ALL=C comm -23 names.txt public.txt | sed 's/.*/#define & je_&/' >configured/include/jemalloc/internal/private_namespace.h
grep -q '^#define arena_init je_arena_init$' configured/include/jemalloc/internal/private_namespace.h
library jemalloc "$options" $files
rm out/lib/libjemalloc.a

cc -std=gnu11 -O2 -D_GNU_SOURCE -c names/jemalloc.c -o build/names.o
ld -r -m elf_x86_64 -o out/lib/allocator.o build/src_*.o build/names.o
""",
    )
