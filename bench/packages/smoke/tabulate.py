"""Rows become a table."""

from tabulate import tabulate

assert tabulate([["a", 1], ["b", 22]], headers=["k", "v"], tablefmt="github").splitlines()[2] == "| a   |   1 |"
