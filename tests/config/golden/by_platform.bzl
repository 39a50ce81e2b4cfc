# 10:34: `extra_envs` have no effect: environment variables of builds are in the table of packages
# 11:5: packages: demo, other

load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "app/pip",
    requirements = ["demo", "other"],
)

python_executable(
    name = "app",
    resources = [":app/pip"],
    interpreter = True,
)
