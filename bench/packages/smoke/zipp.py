"""A path inside of an archive."""

import io
import zipfile

import zipp

file = io.BytesIO()
with zipfile.ZipFile(file, "w") as archive:
    archive.writestr("a/b.txt", "text")
assert [path.name for path in zipp.Path(file, "a/").iterdir()] == ["b.txt"]
