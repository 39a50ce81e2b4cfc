"""Builds a package from its sources, by its own backend, so that its extensions can be linked. Unaware of who asks.

Everything here runs inside of an action: `python3 -m staticbuild.building PLAN` on the machine that builds, the backend in the
interpreter of the distribution that is built for, and the compiler drivers wherever the backend calls `cc`.
"""
