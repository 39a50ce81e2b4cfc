"""A hook is called in each plug-in."""

import pluggy

specification, implementation = pluggy.HookspecMarker("demo"), pluggy.HookimplMarker("demo")


class Specification:
    @specification
    def add(self, number):
        """Add to a number."""


class Plugin:
    @implementation
    def add(self, number):
        return number + 1


manager = pluggy.PluginManager("demo")
manager.add_hookspecs(Specification)
manager.register(Plugin())
assert manager.hook.add(number=1) == [2]
