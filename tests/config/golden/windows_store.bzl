# 3:9: `code_signer_from_windows_store_auto`: certificates of Windows' store are there on Windows only; nothing is signed
# 4:9: `code_signer_from_windows_store_subject`: certificates of Windows' store are there on Windows only; nothing is signed
# 5:9: `code_signer_from_windows_store_sha1_thumbprint`: certificates of Windows' store are there on Windows only; nothing is signed
# 8:16: `CodeSigner.activate`: nothing is signed during a build; sign the results, for example with `osslsigncode`

load("@stdlib//python.bzl", "make_dist", "python_executable")

make_dist()

python_executable(
    name = "app",
    interpreter = True,
)
