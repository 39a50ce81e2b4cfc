"""Perl, for OpenSSL's Configure; no part of it is in any executable.

Knows Perl's own Configure, and which of its extensions OpenSSL's scripts use.
"""

load("@stdlib//recipe.bzl", "recipe")

def perl():
    return recipe.declare(
        name = "perl",
        version = "5.40.1",
        sha256 = "dfa20c2eef2b4af133525610bbb65dd13777ecf998c9c5b1ccf0d308e732ee3f",
        places = [
            "https://www.cpan.org/src/5.0/perl-5.40.1.tar.xz",
            "debian:pool/main/p/perl/perl_5.40.1.orig.tar.xz",
        ],
        license = "Artistic-1.0-Perl OR GPL-1.0-or-later",
        license_files = ["Copying"],
        programs = ["make"],
        weight = 60,
        script = r"""
# Perl builds in its source only.
cp -R source/. build/
chmod -R u+w build
cd build

# What would tell one host from another is given: its names, its user and the time. -Uusedl: the extensions are linked in.
sh Configure -des -Dprefix=/install -Dcc=cc -Dld=cc -Dar=ar -Dranlib=ranlib -Uusedl -Uusethreads -Dusenm=n \
    -Dosname=linux -Dosvers=5 -Darchname=x86_64-linux-musl -Dmyuname=linux -Dmyhostname=localhost -Dmydomain=.localdomain \
    -Dperladmin=root@localhost -Dcf_by=staticbuild -Dcf_email=root@localhost \
    -Dman1dir=none -Dman3dir=none -Doptimize="-O1 -w" -Accflags=-D_GNU_SOURCE \
    -Dlocincpth=' ' -Dloclibpth=' ' -Dusrinc="$ROOT/sysroot/include/musl" -Dlibpth="$ROOT/sysroot/lib" -Dglibpth="$ROOT/sysroot/lib" \
    -Donlyextensions='Cwd Data/Dumper Encode Fcntl File/Glob IO List/Util POSIX PerlIO/scalar Storable Time/HiRes Time/Piece mro re' </dev/null
make -j "$JOBS" perl

# Its library is found with PERL5LIB.
mkdir ../out/bin
cp perl ../out/bin/
find lib -name '*.p[lm]' ! -path 'lib/unicore/*' ! -path 'lib/CPAN*' ! -path 'lib/Unicode/*' ! -name buildcustomize.pl -exec cp --parents '{}' ../out/ ';'
# Where it was configured, and when: Configure asks the clock whatever it is told.
sed -i -e "s,$(readlink -f "$ROOT/sysroot"),/build/sysroot,g" -e "s,$ROOT,/build,g" \
    -e "s/^cf_time=.*/cf_time='Thu Jan  1 00:00:01 UTC 1970'/" -e '/^## Configuration time/d' ../out/lib/Config.pm ../out/lib/Config_heavy.pl
cd "$ROOT"
""",
    )
