"""The rules for packages that people install. Each is described, with all its attributes, in docs/reference.md."""

licences = native.licences
universal_binary = native.universal_binary
wheel = native.wheel
wix_msi = native.wix_msi
