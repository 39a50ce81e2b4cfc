"""Versions are compared, and requirements read."""

from packaging.requirements import Requirement
from packaging.version import Version

assert Version("1.10") > Version("1.9rc1")
assert "2.1" in Requirement("demo[x]>=2,<3; python_version > '3'").specifier
