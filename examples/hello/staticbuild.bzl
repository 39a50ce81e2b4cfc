load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static")

python_resources(
    name = "app",
    srcs = ["hello.py"],
)

python_executable(
    name = "hello",
    resources = [":app"],
    entry_point = "hello:main",
)
