load("@stdlib//build.bzl", "install")
load("@stdlib//installers.bzl", "universal_binary")

install(
    name = "universal-files",
    srcs = {"0": "targets/aarch64/tool"},
)

universal_binary(
    name = "universal",
    filename = "tool",
    files = ":universal-files",
)

install(
    name = "app",
    targets = {"Tool.app/Contents/MacOS/tool": ":universal#tool"},
    srcs = {
        "Tool.app/Contents/Resources/Tool.icns": "tool.icns",
        "Tool.app/Contents/Resources/LICENSE": "LICENSE",
        "Tool.app/Contents/data/one.json": "data/one.json",
        "Tool.app/Contents/data/two.json": "data/two.json",
    },
    contents = {
        "Tool.app/Contents/MacOS/helper": "#!/bin/sh\n",
        "Tool.app/Contents/Info.plist": "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n<dict>\n\t<key>CFBundleDisplayName</key>\n\t<string>Tool</string>\n\t<key>CFBundleExecutable</key>\n\t<string>tool</string>\n\t<key>CFBundleIconFile</key>\n\t<string>Tool.icns</string>\n\t<key>CFBundleIdentifier</key>\n\t<string>org.example.tool</string>\n\t<key>CFBundleName</key>\n\t<string>Tool</string>\n\t<key>CFBundlePackageType</key>\n\t<string>APPL</string>\n\t<key>CFBundleSignature</key>\n\t<string>tool</string>\n\t<key>CFBundleVersion</key>\n\t<string>1.0</string>\n\t<key>LSUIElement</key>\n\t<true/>\n</dict>\n</plist>\n",
        "Tool.app/Contents/PkgInfo": "APPLtool",
    },
    executable = {"Tool.app/Contents/MacOS/helper": True},
)
