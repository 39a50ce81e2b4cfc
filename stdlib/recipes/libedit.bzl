"""libedit: the `readline` module, without readline's GPL. Knows libedit's files and what its configure script finds out."""

load("@stdlib//recipe.bzl", "recipe")

def libedit(platform):
    return recipe.declare(
        name = "libedit",
        platform = platform,
        version = "20250104-3.1",
        sha256 = "23792701694550a53720630cd1cd6167101b5773adddcb4104f7345b73a568ac",
        places = [
            "https://www.thrysoee.dk/editline/libedit-20250104-3.1.tar.gz",
            "debian:pool/main/libe/libedit/libedit_3.1-20250104.orig.tar.gz",
        ],
        license = "BSD-3-Clause",
        license_files = ["COPYING"],
        libraries = ["edit"],
        deps = ["ncurses"],
        # strlcat and strlcpy are in glibc since 2.38, issetugid never was; it says itself what its wide characters are.
        glibc = {
            " ISSETUGID ": " ",
            " STRLCAT STRLCPY ": " ",
            " -D__STDC_ISO_10646__=201103L": "",
            "reallocarr wcsdup": "reallocarr strlcat strlcpy wcsdup",
        },
        script = r"""
{
    for feature in CURSES_H DIRENT_H ENDPWENT FCNTL_H FORK GETPW_R_POSIX INTTYPES_H ISASCII ISSETUGID LIMITS_H MALLOC_H NCURSES_H \
        REGCOMP SECURE_GETENV STDINT_H STDLIB_H STRINGS_H STRING_H STRLCAT STRLCPY SYS_IOCTL_H SYS_PARAM_H SYS_TYPES_H SYS_WAIT_H \
        TERMCAP_H TERM_H UNISTD_H U_INT32_T VFORK WCHAR_H WCSDUP; do
        echo "#define HAVE_$feature 1"
    done
    echo '#include "sys.h"'
    echo '#define SCCSID'
    echo '#define lint'
} >build/config.h

# The tables of editing functions are made from comments in the sources, by a script of libedit's own.
cd build
for part in vi emacs common; do
    AWK=awk sh ../source/src/makelist -h "../source/src/$part.c" >"$part.h"
done
AWK=awk sh ../source/src/makelist -fh vi.h emacs.h common.h >fcns.h
AWK=awk sh ../source/src/makelist -fc vi.h emacs.h common.h >func.h
AWK=awk sh ../source/src/makelist -bh ../source/src/vi.c ../source/src/emacs.c ../source/src/common.c >help.h
cd "$ROOT"

# Shortening a history file loses its first line, without which libedit then refuses to read it; `set_history_length` does that.
sed '/^	if (fseeko(tp, (off_t)sizeof(buf) \* count + (cp - buf), SEEK_SET) ==$/i\
	if ((count > 0 || cp > buf) \&\& fputs("_HiStOrY_V2_\\n", fp) == EOF) { ret = errno; goto out3; }' source/src/readline.c >build/readline.c
grep -q 'fputs("_HiStOrY_V2_' build/readline.c

# musl's wide characters are Unicode, but it does not say so.
FLAGS="-O2 -D_GNU_SOURCE -DHAVE_CONFIG_H -D__STDC_ISO_10646__=201103L -Ibuild -Isource/src -Ideps/ncurses/include"
library edit "$FLAGS" \
    $(for part in chared common el eln emacs hist keymacro map chartype parse prompt read refresh search sig terminal tty vi \
        reallocarr wcsdup tokenizer tokenizern history historyn filecomplete literal vis unvis; do echo src/$part.c; done)
cc $FLAGS -c build/readline.c -o build/readline.o
ar qcsD out/lib/libedit.a build/readline.o
mkdir out/include/editline
cp source/src/histedit.h out/include/
cp source/src/editline/readline.h out/include/editline/
""",
    )
