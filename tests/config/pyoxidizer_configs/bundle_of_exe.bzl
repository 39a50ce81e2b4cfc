def callback(msi):
    msi.help_url = "https://example.org"

def make_bundle():
    exe = default_python_distribution().to_python_executable("app")
    return exe.to_wix_bundle_builder("app", "App", "2.0", "Example", msi_builder_callback = callback)

register_target("bundle", make_bundle)
resolve_targets()
