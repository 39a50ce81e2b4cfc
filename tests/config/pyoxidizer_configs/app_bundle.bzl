def make_app():
    bundle = MacOsApplicationBundleBuilder("Tool")
    bundle.set_info_plist_required_keys(
        display_name = "Tool", identifier = "org.example.tool", version = "1.0", signature = "tool", executable = "tool",
    )
    bundle.set_info_plist_key("LSUIElement", True)
    universal = AppleUniversalBinary("tool")
    universal.add_path("targets/aarch64/tool")
    macos = FileManifest()
    macos.add_file(universal.to_file_content())
    bundle.add_macos_manifest(macos)
    bundle.add_macos_file(FileContent(filename = "helper", content = "#!/bin/sh\n", executable = True))
    bundle.add_icon("tool.icns")
    resources = FileManifest()
    resources.add_file(FileContent(path = "LICENSE"))
    bundle.add_resources_manifest(resources)
    bundle.add_manifest(glob(["data/*.json"], strip_prefix = CWD))
    return bundle

register_target("app", make_app, default = True)
resolve_targets()
