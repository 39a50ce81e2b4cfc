def make_installer():
    installer = WiXInstaller("app", "app-setup.msi")
    files = FileManifest()
    files.add_file(FileContent(filename = "readme.txt", content = "hello"))
    installer.add_simple_installer("app", "App", "1.0", "Example", files)
    installer.add_install_file("extra.txt", "LICENSE")
    installer.set_variable("Name", "App")
    return installer

register_target("installer", make_installer)
resolve_targets()
