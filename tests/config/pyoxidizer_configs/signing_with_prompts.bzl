def register_signers():
    if not VARS.get("SIGN"):
        return
    path = prompt_input("path of the key", default = "key.pfx")
    password = prompt_password("password", confirm = False, default = "")
    signer = code_signer_from_pfx_file(path, password)
    signer.set_time_stamp_server("http://timestamp.example.org")
    signer.activate()
    if prompt_confirm("sign all?", default = True) and can_prompt():
        print("signing all")

VARS["SIGN"] = "1"
register_signers()

def make_exe():
    return default_python_distribution().to_python_executable("app")

register_target("exe", make_exe)
resolve_targets()
