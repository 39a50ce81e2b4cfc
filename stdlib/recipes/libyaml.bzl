"""libyaml: PyYAML's and ruamel.yaml's fast parsers. Knows libyaml's eight files, which need no configuration."""

load("@stdlib//pkgconfig.bzl", "pkgconfig")
load("@stdlib//recipe.bzl", "recipe")

def libyaml(platform):
    return recipe.declare(
        name = "libyaml",
        platform = platform,
        version = "0.2.5",
        sha256 = "fa240dbf262be053f3898006d502d514936c818e422afdcf33921c63bed9bf2e",
        places = [
            "https://github.com/yaml/libyaml/archive/refs/tags/0.2.5.tar.gz",
            "debian:pool/main/liby/libyaml/libyaml_0.2.5.orig.tar.gz",
        ],
        license = "MIT",
        license_files = ["License"],
        libraries = ["yaml"],
        modules = {"yaml-0.1": pkgconfig.module("a YAML parser and emitter", "-lyaml")},
        describe = True,
        script = r"""
library yaml '-O2 -DYAML_VERSION_MAJOR=0 -DYAML_VERSION_MINOR=2 -DYAML_VERSION_PATCH=5 -DYAML_VERSION_STRING=\"0.2.5\" -Isource/include' \
    $(cd source && ls src/*.c)
cp source/include/yaml.h out/include/
""",
    )
