"""CPython's own regression suite in an executable, beside other interpreters: `python -m bench.conformance`."""
