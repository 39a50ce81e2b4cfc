"""The recipes of the libraries once more, for each version of glibc: `2.17/zlib` is zlib for hosts with glibc 2.17 or newer.

Knows only names. The sources are those of `@stdlib//recipes`, and so are the programs that run during a build.
"""

load("@stdlib//platforms.bzl", "platforms")
load("@stdlib//recipes/distributions.bzl", "distributions")
load("@stdlib//recipes/libraries.bzl", "libraries")
load("@stdlib//recipes/unzstd.bzl", "unzstd")

[libraries(platform, distributions(platform)) for platform in [platforms.glibc(version) for version in platforms.glibc_versions]]
[unzstd(platforms.glibc(version)) for version in platforms.glibc_versions]
