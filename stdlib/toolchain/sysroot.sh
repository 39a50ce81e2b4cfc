# sysroot.sh - turns what zig carries as source (musl, compiler-rt, libunwind) into plain headers and archives.
# Reads zig/, musl/ (upstream's source) and own/libc/ (our routines), writes sysroot/. Knows no recipe. Every other action needs only
# zig's executable and this folder.

zig=$PWD/zig/zig
export ZIG_GLOBAL_CACHE_DIR="$PWD/cache" ZIG_LOCAL_CACHE_DIR="$PWD/cache"
mkdir -p sysroot/lib sysroot/include

# One real link makes zig build its libraries and say, in its last command, where they are.
echo 'int main(void) { return 0; }' >probe.c
"$zig" cc -target x86_64-linux-musl -O2 -s --verbose -lunwind probe.c -o probe 2>verbose.txt || { cat verbose.txt >&2; exit 1; }
./probe
sed -n '/^ld\.lld /p' verbose.txt | tail -n 1 | tr ' ' '\n' >link.txt

cp "$(grep '/crt1\.o$' link.txt)" sysroot/lib/crt1.o

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

# zig has begun to write musl's functions again in Zig, and leaves musl's own out. Some are wrong (math.log2(1e-308) by 3e-7;
# posix_fadvise returns -1 where POSIX wants the error's number), and some slow. What zig leaves out comes from musl itself, but
# for malloc: RESTORED names files of musl that are not in zig, for this architecture where it has its own. Neither knows vectors;
# own/libc/ holds what does, and takes the place of musl's file of the same name in string/.
sources() { (cd "$1/src" && find . -name '*.[csS]' | grep -v -E "^./[a-z]*/($2)/" | LC_ALL=C sort); }
others='aarch64|arm|i386|m68k|microblaze|mips|mips64|mipsn32|or1k|powerpc|powerpc64|riscv32|riscv64|s390x|sh|x32|loongarch64'
sources musl "$others" >musl.txt
sources zig/lib/libc/musl "$others" >zig.txt
RESTORED=$(LC_ALL=C comm -23 musl.txt zig.txt | grep -v '^./malloc/' | while read -r file; do
    name=${file##*/}
    case $file in
        ./string/*) [ ! -e "own/libc/${name%.*}.c" ] || continue ;;
    esac
    case $file in
        ./*/x86_64/*) echo "$file" ;;
        *) ls "musl/src/${file%/*}/x86_64/${name%.c}".* >/dev/null 2>&1 || echo "$file" ;;
    esac
done)
mkdir restored own/objects
# Flags as musl's own Makefile has them. -O3 pays in string/, and costs little elsewhere.
COMPILE="zig/zig clang --target=x86_64-linux-musl -nostdinc -ffreestanding -frounding-math -fno-strict-aliasing -fno-pie -fomit-frame-pointer \
    -fno-asynchronous-unwind-tables -fno-unwind-tables -ffunction-sections -fdata-sections -O3 -Wa,--noexecstack"
printf '%s\n' $RESTORED | xargs -P "$(nproc)" -I '{}' sh -euc 'exec $0 -std=c99 -w -D_XOPEN_SOURCE=700 \
    -Imusl/arch/x86_64 -Imusl/arch/generic -Imusl/src/include -Imusl/src/internal -Imusl/include -isystem sysroot/include/musl \
    -c "musl/src/$1" -o "restored/$(printf %s "${1#./}" | tr / _).o"' "$COMPILE" '{}'
(cd own/libc && ls ./*.c x86_64/*.c) | xargs -P "$(nproc)" -I '{}' sh -euc 'name=${1##*/}; exec $0 -std=c11 -Wall -Wextra -Werror \
    -isystem sysroot/include/musl -isystem sysroot/include/clang -c "own/libc/$1" -o "own/objects/own_${name%.c}.o"' "$COMPILE" '{}'

for library in libc libzigc libcompiler_rt libunwind; do
    # zig names the members after its cache folders, and those after where zig lies: put together again under plain names.
    # `q`, because musl has two clone.o and `r` would let the second replace the first.
    "$zig" ar t "$(grep "/$library\.a\$" link.txt)" >members.txt
    [ "$library" != libc ] || ls own/objects/*.o restored/*.o >>members.txt
    xargs "$zig" ar qcsD "sysroot/lib/$library.a" <members.txt
done

# musl keeps all of these in libc; configure scripts and link lines still name them.
for library in m pthread dl rt util crypt resolv xnet; do
    printf '!<arch>\n' >"sysroot/lib/lib$library.a"
done

# Parts of these libraries are in every executable.
mkdir sysroot/licenses
cp zig/LICENSE sysroot/licenses/LICENSE.zig.txt
cp zig/lib/libc/musl/COPYRIGHT sysroot/licenses/LICENSE.musl.txt
cp zig/lib/libunwind/LICENSE.TXT sysroot/licenses/LICENSE.libunwind.txt
chmod -R u+w sysroot
