"""What staticbuild costs, measured beside its peers: `python -m bench`."""
