"""Seals YAML files with a password: click, rich, PyYAML with libyaml, PyNaCl with libsodium."""
