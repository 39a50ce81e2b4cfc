"""Every recipe of this folder, and the archive that they make together. Knows only their names."""

load("@stdlib//recipes/bzip2.bzl", "bzip2")
load("@stdlib//recipes/cpython.bzl", "cpython")
load("@stdlib//recipes/expat.bzl", "expat")
load("@stdlib//recipes/jemalloc.bzl", "jemalloc")
load("@stdlib//recipes/libedit.bzl", "libedit")
load("@stdlib//recipes/libffi.bzl", "libffi")
load("@stdlib//recipes/libuuid.bzl", "libuuid")
load("@stdlib//recipes/make.bzl", "make")
load("@stdlib//recipes/mimalloc.bzl", "mimalloc")
load("@stdlib//recipes/mpdecimal.bzl", "mpdecimal")
load("@stdlib//recipes/ncurses.bzl", "ncurses")
load("@stdlib//recipes/openssl.bzl", "openssl")
load("@stdlib//recipes/perl.bzl", "perl")
load("@stdlib//recipes/sqlite.bzl", "sqlite")
load("@stdlib//recipes/xz.bzl", "xz")
load("@stdlib//recipes/zlib.bzl", "zlib")
load("@stdlib//recipes/zstd.bzl", "zstd")

# What builds, and is in no executable.
make()
perl()

# What an executable may choose for its memory.
jemalloc()
mimalloc()

libraries = [
    bzip2(),
    expat(),
    libedit(),
    libffi(),
    libuuid(),
    mpdecimal(),
    ncurses(),
    openssl(),
    sqlite(),
    xz(),
    zlib(),
]

# Lays out what CPython's recipe builds.
native.own_program(name = "assembler", program = "assemble")

cpython("3.11", libraries, suffix = "-3.11")
cpython("3.12", libraries, suffix = "-3.12")
cpython("3.13", libraries, suffix = "")
cpython("3.14", libraries + [zstd()], suffix = "-3.14")
