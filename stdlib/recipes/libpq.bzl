"""libpq: PostgreSQL's client library, for psycopg. Knows PostgreSQL's configure script and which of its folders make the library."""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

def libpq(platform):
    return recipe.declare(
        name = "libpq",
        platform = platform,
        # Not a newer series: of those Debian replaces the file with each minor release, and this one stays.
        version = "15.18",
        sha256 = "11df0df97fe3ea4ba9a791faaf39cee1d2fe571e78885b5b55d8517d27c323b4",
        places = [
            "https://ftp.postgresql.org/pub/source/v15.18/postgresql-15.18.tar.bz2",
            "debian:pool/main/p/postgresql-15/postgresql-15_15.18.orig.tar.bz2",
        ],
        license = "PostgreSQL",
        license_files = ["COPYRIGHT"],
        libraries = ["pq"],
        deps = ["openssl"],
        programs = ["make"],
        modules = {"libpq": pkgconfig.module("PostgreSQL's client library", "-lpq -lpthread -lm", requires = ["libssl", "libcrypto"])},
        describe = True,
        weight = 60,
        script = r"""
# configure looks behind links for where the source really is, and that would reach __FILE__: it gets a real folder of links.
cp -Rs "$(readlink -f source)" linked
cd build
# What is asked for is what psycopg's own wheels have, but for GSSAPI and LDAP.
sh ../linked/configure --prefix=/install --without-readline --without-zlib --without-icu --with-ssl=openssl \
    CC=cc AR=ar RANLIB=ranlib CFLAGS=-O2 CPPFLAGS="-I$ROOT/deps/openssl/include" LDFLAGS="-L$ROOT/deps/openssl/lib" \
    LIBS=-lpthread PYTHON=false >configure.log || { tail -n 40 configure.log >&2; exit 1; }
make -j "$JOBS" -s -C src/backend generated-headers
make -j "$JOBS" -s -C src/port libpgport_shlib.a
make -j "$JOBS" -s -C src/common libpgcommon_shlib.a
make -j "$JOBS" -s -C src/interfaces/libpq libpq.a
cd "$ROOT"
# PostgreSQL links its shared library with these variants of its two helper libraries, which never end the process. config_info says
# how PostgreSQL was configured, with the paths of this folder, to programs that are not built here.
rm build/src/common/config_info_shlib.o
ar qcsD out/lib/libpq.a build/src/interfaces/libpq/*.o build/src/common/*_shlib.o build/src/port/*_shlib.o
cp source/src/interfaces/libpq/libpq-fe.h source/src/interfaces/libpq/libpq-events.h source/src/include/postgres_ext.h \
    build/src/include/pg_config_ext.h out/include/
# Without what it says of how PostgreSQL was configured: it has the paths of this folder.
sed '/^#define CONFIGURE_ARGS/d' build/src/include/pg_config.h >out/include/pg_config.h
mkdir out/include/libpq
cp source/src/include/libpq/libpq-fs.h out/include/libpq/

# psycopg asks it, not pkg-config.
mkdir out/bin
cat >out/bin/pg_config <<'EOF'
#!/bin/sh
prefix=$(cd "${0%/*}/.." && pwd)
for argument do
    case $argument in
        --version) echo "PostgreSQL 15.18" ;;
        --includedir | --includedir-server | --pkgincludedir) echo "$prefix/include" ;;
        --libdir) echo "$prefix/lib" ;;
        --bindir) echo "$prefix/bin" ;;
        --cppflags | --ldflags | --cflags) echo ;;
        --libs) echo "-lpq -lssl -lcrypto -lpthread -lm" ;;
    esac
done
EOF
chmod +x out/bin/pg_config
""",
    )
