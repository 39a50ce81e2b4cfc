load("@stdlib//python.bzl", "make_dist", "python_executable", "python_resources")

make_dist()

python_resources(
    name = "app/pip",
    requirements = ["demo", "certs", "other"],
)

python_executable(
    name = "app",
    resources = [":app/pip"],
    location = {"certs": "beside", "other": "beside"},
    interpreter = True,
)
