# sysroot.sh - turns what zig carries of glibc (headers, lists of symbols, start files) into a plain sysroot for one version of it.
# Reads zig/ and $GLIBC, the version as `2.17`; writes sysroot/. Knows no recipe. No code of glibc comes along but its start files.

zig=$PWD/zig/zig
export ZIG_GLOBAL_CACHE_DIR="$PWD/cache" ZIG_LOCAL_CACHE_DIR="$PWD/cache"
mkdir -p sysroot/lib sysroot/include

# One real link makes zig write its libraries and say, in its last command, where they are. The shared ones are stubs: they
# have every symbol that this version of glibc had, under the version names that it had them, and no code.
echo 'int main(void) { return 0; }' >probe.c
"$zig" cc -target "x86_64-linux-gnu.$GLIBC" -no-pie -O2 -s --verbose probe.c -lresolv -o probe 2>verbose.txt || { cat verbose.txt >&2; exit 1; }
sed -n '/^ld\.lld /p' verbose.txt | tail -n 1 | tr ' ' '\n' >link.txt

cp "$(grep '/crt1\.o$' link.txt)" sysroot/lib/crt1.o
# As linkers look for them, whatever number the host's have: `libm.so` for `-lm`. What is needed later is the name inside.
# Since 2.34 most are parts of libc, and zig has no stubs of them: what names one then gets nothing, as on a real host.
for library in c m pthread dl rt util resolv; do
    stub=$(grep "/lib$library\.so\.[0-9]*\$" link.txt) || stub=
    case $library in
        c | m | resolv) [ -n "$stub" ] ;;
    esac
    if [ -n "$stub" ]; then
        cp "$stub" "sysroot/lib/lib$library.so"
    else
        echo 'INPUT()' >"sysroot/lib/lib$library.so"
    fi
done
cp "$(grep '/libld\.so\.[0-9]*$' link.txt)" sysroot/lib/ld-linux.so

for library in libc_nonshared libcompiler_rt; do
    # zig names the members after its cache folders: put together again under plain names.
    "$zig" ar t "$(grep "/$library\.a\$" link.txt)" | xargs "$zig" ar qcsD "sysroot/lib/$library.a"
done

# The search order is clang's for Linux; of two files with one name, the one for this architecture wins.
copy() {
    mkdir -p "sysroot/include/$1"
    cp -R "zig/lib/$2/." "sysroot/include/$1/"
    chmod -R u+w "sysroot/include/$1"
}
copy clang include
copy glibc libc/include/generic-glibc
copy glibc libc/include/x86-linux-gnu
copy linux libc/include/any-linux-any
copy linux libc/include/x86-linux-any

# zig's headers serve all versions, and learn which from its command line; these are for one.
sed -i "s,^#define[[:space:]]*__GLIBC__[[:space:]]*2\$,&\\
#define __GLIBC_MINOR__ ${GLIBC#2.}," sysroot/include/glibc/features.h
grep -q "^#define __GLIBC_MINOR__ ${GLIBC#2.}\$" sysroot/include/glibc/features.h

# The start files are in every executable.
mkdir sysroot/licenses
cp zig/LICENSE sysroot/licenses/LICENSE.zig.txt
cp zig/lib/libc/glibc/LICENSES sysroot/licenses/LICENSE.glibc.txt
chmod -R u+w sysroot
