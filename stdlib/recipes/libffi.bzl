"""libffi: the `_ctypes` module. Knows the x86-64 System V part of libffi; the tarball of some places has no configure script."""

load("@stdlib//recipe.bzl", "recipe")

def libffi(platform):
    return recipe.declare(
        name = "libffi",
        platform = platform,
        version = "3.4.8",
        sha256 = "bc9842a18898bfacb0ed1252c4febcc7e78fa139fd27fdc7a3e30d9d9356119b",
        places = [
            "https://github.com/libffi/libffi/releases/download/v3.4.8/libffi-3.4.8.tar.gz",
            {
                "place": "debian:pool/main/libf/libffi/libffi_3.4.8.orig.tar.gz",
                "sha256": "cbb7f0b3b095dc506387ec1e35b891bfb4891d05b90a495bc69a10f2293f80ff",
            },
        ],
        license = "MIT",
        libraries = ["ffi"],
        # memfd_create is in glibc since 2.27, and in the kernel for longer.
        glibc = {"#define HAVE_MEMFD_CREATE 1\n": ""},
        script = r"""
sed -e 's/@VERSION@/3.4.8/' -e 's/@TARGET@/X86_64/' -e 's/@HAVE_LONG_DOUBLE@/1/' -e 's/@FFI_EXEC_TRAMPOLINE_TABLE@/0/' \
    source/include/ffi.h.in >out/include/ffi.h
cp source/src/x86/ffitarget.h out/include/

# FFI_EXEC_STATIC_TRAMP: closures need no memory that is writable and executable, which hardened kernels refuse.
cat >build/fficonfig.h <<'EOF'
#define EH_FRAME_FLAGS "a"
#define FFI_EXEC_STATIC_TRAMP 1
#define HAVE_ALLOCA_H 1
#define HAVE_AS_X86_64_UNWIND_SECTION_TYPE 1
#define HAVE_AS_X86_PCREL 1
#define HAVE_HIDDEN_VISIBILITY_ATTRIBUTE 1
#define HAVE_INTTYPES_H 1
#define HAVE_LONG_DOUBLE 1
#define HAVE_MEMCPY 1
#define HAVE_MEMFD_CREATE 1
#define HAVE_RO_EH_FRAME 1
#define HAVE_STDINT_H 1
#define SIZEOF_DOUBLE 8
#define SIZEOF_LONG_DOUBLE 16
#define SIZEOF_SIZE_T 8
#define STDC_HEADERS 1
#ifdef LIBFFI_ASM
#define FFI_HIDDEN(name) .hidden name
#else
#define FFI_HIDDEN __attribute__ ((visibility ("hidden")))
#endif
EOF

# tramp.c includes <linux/limits.h>, which the sysroot has.
library ffi "-O2 -D_GNU_SOURCE -Ibuild -Iout/include -Isource/include -Isource/src" \
    src/closures.c src/java_raw_api.c src/prep_cif.c src/raw_api.c src/tramp.c src/types.c \
    src/x86/ffi64.c src/x86/ffiw64.c src/x86/unix64.S src/x86/win64.S
""",
    )
