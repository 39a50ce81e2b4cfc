"""Every recipe of this folder, for musl. Knows only their names."""

load("@stdlib//platforms.bzl", "platforms")
load("@stdlib//recipes/distributions.bzl", "distributions")
load("@stdlib//recipes/jemalloc.bzl", "jemalloc")
load("@stdlib//recipes/libraries.bzl", "libraries")
load("@stdlib//recipes/make.bzl", "make")
load("@stdlib//recipes/mimalloc.bzl", "mimalloc")
load("@stdlib//recipes/perl.bzl", "perl")
load("@stdlib//recipes/unzstd.bzl", "unzstd")

# What builds, and is in no executable.
make()
perl()

# What an executable may choose for its memory.
jemalloc()
mimalloc()

# What reads compressed resources.
unzstd(platforms.musl)

# Lays out what CPython's recipe builds.
native.own_program(name = "assembler", program = "assemble")

libraries(platforms.musl, distributions(platforms.musl))
