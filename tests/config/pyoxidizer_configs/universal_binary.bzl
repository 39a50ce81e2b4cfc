def make_universal():
    universal = AppleUniversalBinary("tool")
    for triple in ["x86_64-apple-darwin", "aarch64-apple-darwin"]:
        universal.add_path("targets/" + triple + "/tool")
    files = FileManifest()
    files.add_file(universal.to_file_content())
    return files

register_target("universal", make_universal)
resolve_targets()
