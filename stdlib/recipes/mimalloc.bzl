"""mimalloc: malloc and its family for executables that choose it. Knows that it is one file, and what CPython calls its own copy.

Not part of the archive: it is linked into each executable, before the C library, whose malloc is weak.
"""

load("@stdlib//recipe.bzl", "recipe")

def mimalloc():
    native.files(name = "mimalloc_names", srcs = ["mimalloc.c"])
    return recipe.declare(
        name = "mimalloc",
        version = "2.0.9",
        sha256 = "4a29edae32a914a706715e2ac8e7e4109e25353212edeed0888f4e3e15db5850",
        places = [
            "https://github.com/microsoft/mimalloc/archive/v2.0.9/mimalloc-2.0.9.tar.gz",
            {
                # Debian's copy lacks the Windows binaries of bin/ and the built documentation; the sources are the same.
                "place": "debian:pool/main/m/mimalloc/mimalloc_2.0.9+ds.orig.tar.xz",
                "sha256": "cbc9d207ff105ad1f0cb739c378076143a6452b8d0624309cea0abfb040e972b",
            },
        ],
        license = "MIT",
        inputs = {"names/": ":mimalloc_names"},
        describe = True,
        weight = 5,
        script = r"""
# CPython's core carries a mimalloc of its own (for its small objects, and only if asked), with the same names: ours get a prefix.
mkdir renamed
cp source/src/*.[ch] source/include/*.h renamed/
chmod u+w renamed/*
sed -i -E 's/\b(_?mi_)/sb_\1/g' renamed/*

# Only what the executable's config says decides: no environment variable is read.
cc -std=gnu11 -O3 -DNDEBUG -DMI_NO_GETENV -w -fvisibility=hidden -Irenamed -c names/mimalloc.c -o out/lib/allocator.o
""",
    )
