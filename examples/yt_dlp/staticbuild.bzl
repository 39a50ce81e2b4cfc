# yt-dlp, with its dependencies, as one executable.
load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist(flavor = "standalone_static", python_version = "3.13")

python_resources(
    name = "app",
    requirements = ["requirements.txt"],
)

python_executable(
    name = "yt-dlp",
    dist = ":dist",
    resources = [":app"],
    entry_point = "yt_dlp:main",
)
