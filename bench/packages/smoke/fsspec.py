"""Files in memory are written and found."""

import fsspec

memory = fsspec.filesystem("memory")
with memory.open("/folder/a.txt", "w") as file:
    file.write("text")
assert [name.rpartition("/")[2] for name in memory.glob("/folder/*.txt")] == ["a.txt"]
assert memory.cat("/folder/a.txt") == b"text"
