"""The libraries that packages are built with: some of their own, and those that CPython is linked with. Knows only their names."""

load("@stdlib//recipes/brotli.bzl", "brotli")
load("@stdlib//recipes/development.bzl", "development")
load("@stdlib//recipes/freetype.bzl", "freetype")
load("@stdlib//recipes/libjpeg-turbo.bzl", "libjpeg_turbo")
load("@stdlib//recipes/libpng.bzl", "libpng")
load("@stdlib//recipes/libpq.bzl", "libpq")
load("@stdlib//recipes/libsodium.bzl", "libsodium")
load("@stdlib//recipes/libtiff.bzl", "libtiff")
load("@stdlib//recipes/libuv.bzl", "libuv")
load("@stdlib//recipes/libwebp.bzl", "libwebp")
load("@stdlib//recipes/libxml2.bzl", "libxml2")
load("@stdlib//recipes/libxslt.bzl", "libxslt")
load("@stdlib//recipes/libyaml.bzl", "libyaml")
load("@stdlib//recipes/lz4.bzl", "lz4")
load("@stdlib//recipes/openblas.bzl", "openblas")
load("@stdlib//recipes/pcre2.bzl", "pcre2")

def libraries(platform, of_cpython):
    """Declares them for `platform`. Each is only a target: nothing is built until something asks for it.

    Args:
      platform: one of `platforms`.
      of_cpython: what `distributions` returned for it.
    """
    development(platform, of_cpython)
    for library in (
        brotli,
        freetype,
        libjpeg_turbo,
        libpng,
        libpq,
        libsodium,
        libtiff,
        libuv,
        libwebp,
        libxml2,
        libxslt,
        libyaml,
        lz4,
        openblas,
        pcre2,
    ):
        library(platform)
