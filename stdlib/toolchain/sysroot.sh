# sysroot.sh - turns what zig carries as source (musl, compiler-rt, libunwind) into plain headers and archives.
# Reads zig/, writes sysroot/. Knows no recipe. Every other action needs only zig's executable and this folder.

zig=$PWD/zig/zig
export ZIG_GLOBAL_CACHE_DIR="$PWD/cache" ZIG_LOCAL_CACHE_DIR="$PWD/cache"
mkdir -p sysroot/lib sysroot/include

# One real link makes zig build its libraries and say, in its last command, where they are.
echo 'int main(void) { return 0; }' >probe.c
"$zig" cc -target x86_64-linux-musl -O2 -s --verbose -lunwind probe.c -o probe 2>verbose.txt || { cat verbose.txt >&2; exit 1; }
./probe
sed -n '/^ld\.lld /p' verbose.txt | tail -n 1 | tr ' ' '\n' >link.txt

cp "$(grep '/crt1\.o$' link.txt)" sysroot/lib/crt1.o
for library in libc libzigc libcompiler_rt libunwind; do
    # zig names the members after its cache folders, and those after where zig lies: put together again under plain names.
    # `q`, because musl has two clone.o and `r` would let the second replace the first.
    "$zig" ar t "$(grep "/$library\.a\$" link.txt)" >members.txt
    xargs "$zig" ar qcsD "sysroot/lib/$library.a" <members.txt
done

# musl keeps all of these in libc; configure scripts and link lines still name them.
for library in m pthread dl rt util crypt resolv xnet; do
    printf '!<arch>\n' >"sysroot/lib/lib$library.a"
done

# In the order in which zig itself searches them; the first of two files with one name wins.
copy() {
    mkdir -p "sysroot/include/$1"
    cp -R "zig/lib/$2/." "sysroot/include/$1/"
}
copy clang include
copy musl libc/include/generic-musl
copy musl libc/include/x86_64-linux-musl
copy linux libc/include/any-linux-any
copy linux libc/include/x86-linux-any

# Parts of these libraries are in every executable.
mkdir sysroot/licenses
cp zig/LICENSE sysroot/licenses/LICENSE.zig.txt
cp zig/lib/libc/musl/COPYRIGHT sysroot/licenses/LICENSE.musl.txt
cp zig/lib/libunwind/LICENSE.TXT sysroot/licenses/LICENSE.libunwind.txt
chmod -R u+w sysroot
