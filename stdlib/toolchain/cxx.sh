# cxx.sh - turns what zig carries of C++ as source (libc++, libc++abi) into headers and archives.
# Reads zig/ and writes cxx/. TARGET is what zig calls the platform. Knows no package.

zig=$PWD/zig/zig
export ZIG_GLOBAL_CACHE_DIR="$PWD/cache" ZIG_LOCAL_CACHE_DIR="$PWD/cache"
mkdir -p cxx/lib cxx/include cxx/licenses

# One real link makes zig build the libraries and say, in its commands, where they are and how headers must be read.
printf '%s\n' '#include <iostream>' 'int main() { std::cout << 1; }' >probe.cpp
"$zig" c++ -target "$TARGET" -O2 -s --verbose probe.cpp -o probe 2>verbose.txt || { cat verbose.txt >&2; exit 1; }
sed -n '/^ld\.lld /p' verbose.txt | tail -n 1 | tr ' ' '\n' >link.txt
for library in libc++ libc++abi libunwind; do
    "$zig" ar t "$(grep "/$library\.a\$" link.txt)" >members.txt
    xargs "$zig" ar qcsD "cxx/lib/$library.a" <members.txt
done

# What is compiled for this libc++ must be told the same of it as it was itself.
grep -F -e ' -cc1 ' verbose.txt | grep -F probe.cpp | tr ' ' '\n' | grep -E '^_LIBCPP_|^_LIBCXXABI_' | sort -u | sed 's/^/-D/' >cxx/flags
[ -s cxx/flags ]

# The names under which link lines ask for it.
for name in stdc++ supc++; do
    printf 'GROUP(libc++.a libc++abi.a libunwind.a)\n' >"cxx/lib/lib$name.a"
done
for name in gcc gcc_s gcc_eh atomic; do
    printf '!<arch>\n' >"cxx/lib/lib$name.a"
done

copy() {
    mkdir -p "cxx/include/$1"
    cp -R "zig/lib/$2/." "cxx/include/$1/"
}
copy c++ libcxx/include
copy c++abi libcxxabi/include
copy unwind libunwind/include
cp zig/lib/libunwind/LICENSE.TXT cxx/licenses/LICENSE.libunwind.txt
cp zig/lib/libcxx/LICENSE.TXT cxx/licenses/LICENSE.libcxx.txt
cp zig/lib/libcxxabi/LICENSE.TXT cxx/licenses/LICENSE.libcxxabi.txt
chmod -R u+w cxx
