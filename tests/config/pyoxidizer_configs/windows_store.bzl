def make_exe():
    for signer in [
        code_signer_from_windows_store_auto(),
        code_signer_from_windows_store_subject("Example", store = "my"),
        code_signer_from_windows_store_sha1_thumbprint("0123"),
    ]:
        signer.chain_issuer_certificates_pem_file("chain.pem")
        signer.activate()
    return default_python_distribution().to_python_executable("app")

register_target("exe", make_exe)
resolve_targets()
