"""The rules for general builds. Each is described, with all its attributes, in docs/reference.md."""

files = native.files
install = native.install
package_tree = native.package_tree
run_action = native.run_action
source_archive = native.source_archive
