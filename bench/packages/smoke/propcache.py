"""A property is computed once."""

from propcache.api import cached_property


class Demo:
    count = 0

    @cached_property
    def value(self) -> int:
        self.count += 1
        return 7


demo = Demo()
assert (demo.value, demo.value, demo.count) == (7, 7, 1)
