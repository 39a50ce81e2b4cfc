"""The libraries that CPython is linked with, and the archives that they make together. Knows only their names."""

load("@stdlib//recipes/bzip2.bzl", "bzip2")
load("@stdlib//recipes/cpython.bzl", "cpython")
load("@stdlib//recipes/expat.bzl", "expat")
load("@stdlib//recipes/libedit.bzl", "libedit")
load("@stdlib//recipes/libffi.bzl", "libffi")
load("@stdlib//recipes/libuuid.bzl", "libuuid")
load("@stdlib//recipes/mpdecimal.bzl", "mpdecimal")
load("@stdlib//recipes/ncurses.bzl", "ncurses")
load("@stdlib//recipes/openssl.bzl", "openssl")
load("@stdlib//recipes/sqlite.bzl", "sqlite")
load("@stdlib//recipes/xz.bzl", "xz")
load("@stdlib//recipes/zlib.bzl", "zlib")
load("@stdlib//recipes/zstd.bzl", "zstd")

def distributions(platform):
    """Declares the libraries and each CPython for `platform`, and its `archive`, which is made of them; returns the libraries."""
    libraries = [
        library(platform)
        for library in (bzip2, expat, libedit, libffi, libuuid, mpdecimal, ncurses, openssl, sqlite, xz, zlib)
    ]
    cpython(platform, "3.11", libraries, suffix = "-3.11")
    cpython(platform, "3.12", libraries, suffix = "-3.12")
    cpython(platform, "3.13", libraries, suffix = "")
    all_libraries = libraries + [zstd(platform)]
    cpython(platform, "3.14", all_libraries, suffix = "-3.14")
    return all_libraries
