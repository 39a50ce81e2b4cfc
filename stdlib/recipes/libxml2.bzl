"""libxml2: XML and HTML, for lxml. Knows libxml2's files, what its configure script finds out, and what its xml2-config answers."""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

def libxml2(platform):
    return recipe.declare(
        name = "libxml2",
        platform = platform,
        # What Debian's stable releases keep. Debian patches it for what was found since; these sources are upstream's, unpatched.
        version = "2.9.14",
        sha256 = "60d74a257d1ccec0475e749cba2f21559e48139efba6ff28224357c7c798dfee",
        places = [
            "https://download.gnome.org/sources/libxml2/2.9/libxml2-2.9.14.tar.xz",
            {
                # Debian's copy lacks the tests, whose licence is not clear; the library's files are the same.
                "place": "debian:pool/main/libx/libxml2/libxml2_2.12.7+dfsg+really2.9.14.orig.tar.xz",
                "sha256": "4fe913dec8b1ab89d13b489b419a8203176ea39e931eaa0d25b17eafb9c279e9",
            },
        ],
        license = "MIT",
        license_files = ["Copyright"],
        libraries = ["xml2"],
        deps = ["zlib"],
        modules = {
            "libxml-2.0": pkgconfig.module(
                "XML and HTML parsers, XPath, schemas",
                "-lxml2 -lpthread -lm",
                requires = ["zlib"],
                cflags = "-I${includedir}/libxml2",
            ),
        },
        describe = True,
        weight = 15,
        script = r"""
# Everything but what reaches out of the process: no network (FTP, HTTP), no modules to load; LZMA is for files that end in .xz.
enabled='THREADS TREE OUTPUT PUSH READER PATTERN WRITER SAX1 VALID HTML C14N CATALOG XPATH XPTR XINCLUDE ICONV ISO8859X DEBUG
    REGEXPS SCHEMAS SCHEMATRON ZLIB LEGACY'
mkdir -p out/include/libxml2/libxml
cp source/include/libxml/*.h out/include/libxml2/libxml/
{
    for feature in $enabled; do echo "s/@WITH_$feature@/1/"; done
    echo 's/@WITH_[A-Z0-9_]*@/0/'
    echo 's/@VERSION@/2.9.14/'
    echo 's/@LIBXML_VERSION_NUMBER@/20914/'
    echo 's/@LIBXML_VERSION_EXTRA@//'
    echo 's/@MODULE_EXTENSION@/.so/'
} >build/features.sed
sed -f build/features.sed source/include/libxml/xmlversion.h.in >out/include/libxml2/libxml/xmlversion.h

{
    for feature in ARPA_INET_H ATTRIBUTE_DESTRUCTOR CTYPE_H DIRENT_H ERRNO_H FCNTL_H FLOAT_H FPRINTF GETTIMEOFDAY INTTYPES_H ISASCII \
        LIMITS_H LOCALTIME MALLOC_H MATH_H MEMORY_H MMAP MUNMAP NETDB_H NETINET_IN_H POLL_H PRINTF PTHREAD_H PUTENV RAND RAND_R \
        SIGNAL SIGNAL_H SNPRINTF SPRINTF SRAND SSCANF STAT STDARG_H STDINT_H STDLIB_H STRFTIME STRINGS_H STRING_H SYS_MMAN_H \
        SYS_SELECT_H SYS_SOCKET_H SYS_STAT_H SYS_TIME_H SYS_TYPES_H TIME TIME_H UNISTD_H VA_COPY VFPRINTF VSNPRINTF VSPRINTF ZLIB_H; do
        echo "#define HAVE_$feature 1"
    done
    echo '#define ATTRIBUTE_DESTRUCTOR __attribute__((destructor))'
    echo '#define ICONV_CONST'
    echo '#define VA_LIST_IS_ARRAY 1'
    echo '#define XML_SOCKLEN_T socklen_t'
} >build/config.h

# The rest of the folder is programs and tests; DOCBparser, nanoftp, nanohttp, xmlmodule and trio are empty or replaced here.
library xml2 "-O2 -D_GNU_SOURCE -DHAVE_CONFIG_H -pthread -w -Ibuild -Isource -Iout/include/libxml2 -Isource/include \
    -Ideps/zlib/include" \
    $(for part in buf c14n catalog chvalid debugXML dict encoding entities error globals hash HTMLparser HTMLtree legacy list parser \
        parserInternals pattern relaxng SAX SAX2 schematron threads tree uri valid xinclude xlink xmlIO xmlmemory xmlreader xmlregexp \
        xmlsave xmlschemas xmlschemastypes xmlstring xmlunicode xmlwriter xpath xpointer xzlib; do echo $part.c; done)

# For builds that ask it instead of pkg-config; where zlib is, they know themselves.
mkdir out/bin
cat >out/bin/xml2-config <<'EOF'
#!/bin/sh
prefix=$(cd "${0%/*}/.." && pwd)
for argument do
    case $argument in
        --version) echo 2.9.14 ;;
        --prefix | --exec-prefix) echo "$prefix" ;;
        --cflags) echo "-I$prefix/include/libxml2" ;;
        --libs) echo "-L$prefix/lib -lxml2 -lz -lpthread -lm" ;;
        --modules) echo 0 ;;
    esac
done
EOF
chmod +x out/bin/xml2-config
""",
    )
