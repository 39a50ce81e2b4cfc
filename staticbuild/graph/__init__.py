"""Targets, actions, artifacts and their digests: frozen values. Knows nothing of how anything runs, nor of Python packaging."""
