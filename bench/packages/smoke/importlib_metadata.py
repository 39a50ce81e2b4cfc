"""The package finds itself."""

import importlib_metadata

assert importlib_metadata.version("importlib-metadata")
assert "importlib_metadata" in {str(path).partition("/")[0] for path in importlib_metadata.files("importlib-metadata")}
