load("@stdlib//build.bzl", "install")
load("@stdlib//installers.bzl", "universal_binary")

install(
    name = "universal-files",
    srcs = {"0": "targets/x86_64-apple-darwin/tool", "1": "targets/aarch64-apple-darwin/tool"},
)

universal_binary(
    name = "universal",
    filename = "tool",
    files = ":universal-files",
)

install(
    name = "universal/files",
    targets = {"tool": ":universal#tool"},
)
