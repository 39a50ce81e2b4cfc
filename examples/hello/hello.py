"""Says hello, and from where."""

import sys


def main() -> None:
    """Print one line."""
    name = sys.argv[1] if len(sys.argv) > 1 else "world"
    print(f"Hello, {name}! This is Python {sys.version.split()[0]}, all in {sys.executable}.")
