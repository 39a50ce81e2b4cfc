"""Keeps exchange rates, and computes with them."""

VERSION = "1.0"
