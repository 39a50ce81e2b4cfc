# 8:12: `CodeSigner.activate`: nothing is signed during a build; sign the results, for example with `osslsigncode`

load("@stdlib//python.bzl", "make_dist", "python_executable")

make_dist()

python_executable(
    name = "app",
    interpreter = True,
)
