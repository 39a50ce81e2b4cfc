"""ncurses: the `_curses` and `_curses_panel` modules, and the terminals of libedit. Knows ncurses' own configure and make."""

load("@stdlib//recipe.bzl", "recipe")

def ncurses(platform):
    return recipe.declare(
        name = "ncurses",
        platform = platform,
        version = "6.5+20250216",
        sha256 = "b37baafa436e7133bb12a185cb8f60e1599b1947e9f0181c76f3190acf28b6eb",
        places = [
            "https://invisible-island.net/archives/ncurses/current/ncurses-6.5-20250216.tgz",
            "debian:pool/main/n/ncurses/ncurses_6.5+20250216.orig.tar.gz",
        ],
        license = "X11-distribute-modifications-variant",
        license_files = ["COPYING"],
        libraries = ["ncursesw", "panelw"],
        programs = ["make"],
        weight = 20,
        script = r"""
# The description of a terminal is looked up where distributions keep it, wherever the executable runs.
# BUILD_CC: programs that make tables run here; what `cc` makes is static and does.
# cf_cv_ar_flags: configure would choose `ar U`, which writes times into the archives.
cd build
BUILD_CC=cc CC=cc AR=ar RANLIB=ranlib CFLAGS=-O2 cf_cv_ar_flags=cr ../source/configure --prefix=/install \
    --enable-widec --enable-overwrite --without-shared --with-normal --without-debug --without-cxx --without-cxx-binding \
    --without-ada --without-tests --without-manpages --disable-stripping --disable-db-install \
    --with-default-terminfo-dir=/usr/share/terminfo --with-terminfo-dirs=/etc/terminfo:/lib/terminfo:/usr/share/terminfo:/usr/lib/terminfo
make -j "$JOBS" -C include
make -j "$JOBS" -C ncurses
make -j "$JOBS" -C panel
make -j "$JOBS" -C progs tic infocmp

# An empty container has no descriptions at all: those of the usual terminals are compiled in, for when none is found. ncurses'
# own `tic`, just made, reads them.
rm ncurses/fallback.c
make -C ncurses TERMINFO=none TERMINFO_SRC=../../source/misc/terminfo.src TIC_PATH=../progs/tic INFOCMP_PATH=../progs/infocmp \
    FALLBACK_LIST="ansi dumb linux screen screen-256color tmux tmux-256color vt100 vt220 xterm xterm-256color"
cp lib/libncursesw.a lib/libpanelw.a ../out/lib/
for header in curses.h ncurses_dll.h panel.h term.h termcap.h unctrl.h; do
    cp "include/$header" ../out/include/ 2>/dev/null || cp "../source/panel/$header" ../out/include/
done
cp ../out/include/curses.h ../out/include/ncurses.h
cd "$ROOT"
""",
    )
