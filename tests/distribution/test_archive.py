"""Writing an archive, and unpacking what others wrote: good, damaged and malicious."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import os
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from staticbuild.distribution import archive, unpack
from staticbuild.distribution.unpack import DEFAULT_LIMITS, Limits
from staticbuild.errors import FormatError

COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "tar": lambda data: data,
    "tar.gz": gzip.compress,
    "tar.bz2": bz2.compress,
    "tar.xz": lzma.compress,
    "tar.zst": lambda data: zstandard.ZstdCompressor().compress(data),
}


def member(  # noqa: PLR0913 - a header has these fields
    name: str,
    data: bytes = b"",
    *,
    kind: bytes = tarfile.REGTYPE,
    target: str = "",
    mode: int = 0o644,
    size: int | None = None,
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, target, mode
    info.size = len(data) if size is None else size
    return info, data


def folder(name: str) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, kind=tarfile.DIRTYPE, mode=0o755)


def link(name: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, kind=tarfile.SYMTYPE, target=target)


def hard_link(name: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, kind=tarfile.LNKTYPE, target=target)


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        for info, data in members:
            file.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def listing(root: Path) -> dict[str, object]:
    """Every path below `root`: a file's text (`*` before it if executable), a link's target, None for a folder."""
    result: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            result[name] = f"->{path.readlink()}"
        elif path.is_dir():
            result[name] = None
        else:
            result[name] = ("*" if os.access(path, os.X_OK) else "") + path.read_text()
    return result


class Unpacker:
    """Unpacks bytes in a folder of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def check(self, data: bytes, expected: Mapping[str, object], *, strip: int = 0) -> None:
        self._unpack(data, strip, Limits())
        assert listing(self.path / "out") == expected

    def check_error(self, data: bytes, message: str, *, strip: int = 0, limits: Limits = DEFAULT_LIMITS) -> None:
        before = sorted(path for path in self.path.iterdir() if path.name not in {"out", "archive"})
        with pytest.raises(FormatError) as caught:
            self._unpack(data, strip, limits)
        assert message in caught.value.message
        assert sorted(path for path in self.path.iterdir() if path.name not in {"out", "archive"}) == before

    def _unpack(self, data: bytes, strip: int, limits: Limits) -> None:
        (self.path / "archive").write_bytes(data)
        unpack.unpack(self.path / "archive", self.path / "out", strip=strip, limits=limits)


@pytest.fixture
def unpacker(tmp_path: Path) -> Unpacker:
    (tmp_path / "secret").write_text("secret")
    return Unpacker(tmp_path)


GOOD = (
    folder("top"),
    member("top/bin/run", b"run", mode=0o755),
    member("top/read", b"read", mode=0o600),
    link("top/link", "bin/run"),
    link("top/bin/up", "../read"),
    hard_link("top/again", "top/bin/run"),
)
UNPACKED = {
    "again": "*run",
    "bin": None,
    "bin/run": "*run",
    "bin/up": "->../read",
    "link": "->bin/run",
    "read": "read",
}


class TestUnpacking:
    @pytest.mark.parametrize("compression", COMPRESSIONS)
    def test_tar(self, unpacker: Unpacker, compression: str) -> None:
        unpacker.check(COMPRESSIONS[compression](tar(*GOOD)), UNPACKED, strip=1)

    def test_zip(self, unpacker: Unpacker) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            run = zipfile.ZipInfo("top/bin/run")
            run.external_attr = (stat.S_IFREG | 0o755) << 16
            file.writestr(run, "run", zipfile.ZIP_DEFLATED)
            up = zipfile.ZipInfo("top/up")
            up.external_attr = (stat.S_IFLNK | 0o777) << 16
            file.writestr(up, "bin/run")
            file.writestr("top/read", "read")
            file.mkdir("top/empty") if hasattr(file, "mkdir") else None
        expected = {"bin": None, "bin/run": "*run", "empty": None, "read": "read", "up": "->bin/run"}
        unpacker.check(buffer.getvalue(), expected, strip=1)

    def test_modes_are_plain(self, unpacker: Unpacker) -> None:
        unpacker.check(tar(member("x", b"x", mode=0o6777), member("y", b"y", mode=0o600)), {"x": "*x", "y": "y"})
        assert (unpacker.path / "out/x").stat().st_mode & 0o7777 == 0o755
        assert (unpacker.path / "out/y").stat().st_mode & 0o7777 == 0o644

    def test_folder_that_is_named_twice(self, unpacker: Unpacker) -> None:
        unpacker.check(tar(folder("a"), member("a/x", b"x"), folder("./a/")), {"a": None, "a/x": "x"})

    def test_name_longer_than_a_header(self, unpacker: Unpacker) -> None:
        name = "n" * 150
        unpacker.check(tar(member(f"{name}/{name}", b"x")), {name: None, f"{name}/{name}": "x"})


class TestRefusing:
    @pytest.mark.parametrize("name", ["/x", "../x", "a/../../x", "a/..", "top/../x"])
    def test_name_outside(self, unpacker: Unpacker, name: str) -> None:
        unpacker.check_error(tar(member(name, b"x")), "is not a path below the folder")

    @pytest.mark.parametrize("target", ["/etc/passwd", "..", "../secret", "a/../../secret", "", "x/" * 3000])
    def test_link_outside(self, unpacker: Unpacker, target: str) -> None:
        unpacker.check_error(tar(link("x", target)), "points outside")

    def test_link_that_leads_outside_through_another(self, unpacker: Unpacker) -> None:
        unpacker.check_error(tar(link("here", "."), link("out", "here/here/../secret")), "its link `out` points outside")

    def test_writing_through_a_link(self, unpacker: Unpacker) -> None:
        unpacker.check_error(tar(folder("d"), link("l", "d"), member("l/x", b"x")), "is a symbolic link and also a folder")

    def test_writing_over_a_link(self, unpacker: Unpacker) -> None:
        unpacker.check_error(tar(folder("d"), link("l", "d/x"), member("l", b"x")), "it has two members called `l`")

    def test_two_of_one_name(self, unpacker: Unpacker) -> None:
        unpacker.check_error(tar(member("x", b"1"), member("./x", b"2")), "it has two members called `x`")

    def test_file_in_a_file(self, unpacker: Unpacker) -> None:
        unpacker.check_error(tar(member("x", b"1"), member("x/y", b"2")), "is a file and also a folder")

    @pytest.mark.parametrize("target", ["../secret", "/etc/passwd", "missing", "l", "d"])
    def test_hard_link_outside(self, unpacker: Unpacker, target: str) -> None:
        with pytest.raises(FormatError):
            unpacker._unpack(tar(folder("d"), link("l", "x"), hard_link("h", target)), 0, Limits())
        assert not (unpacker.path / "out/h").exists()

    @pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE])
    def test_device(self, unpacker: Unpacker, kind: bytes) -> None:
        unpacker.check_error(tar(member("x", kind=kind)), "")

    def test_member_above_the_folder(self, unpacker: Unpacker) -> None:
        unpacker.check_error(tar(member("x", b"x")), "stands above the folder", strip=1)

    def test_more_bytes_than_allowed(self, unpacker: Unpacker) -> None:
        data = gzip.compress(tar(member("x", bytes(5000)), member("y", bytes(5001))))
        unpacker.check_error(data, "unpacks to more than 10000 bytes", limits=Limits(total_bytes=10_000))

    def test_more_members_than_allowed(self, unpacker: Unpacker) -> None:
        data = tar(*(member(str(number)) for number in range(11)))
        unpacker.check_error(data, "more than 10 members", limits=Limits(members=10))

    @pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K", b"X"])
    def test_header_that_would_fill_the_memory(self, unpacker: Unpacker, kind: bytes) -> None:
        header = member("x", kind=kind, size=1 << 33)[0].tobuf(tarfile.GNU_FORMAT)
        unpacker.check_error(header + bytes(4096), "it has a header of 8589934592 bytes")

    def test_negative_size(self, unpacker: Unpacker) -> None:
        header = bytearray(member("x")[0].tobuf(tarfile.GNU_FORMAT))
        header[124:136] = b"\xff" * 11 + b"\x00"
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        unpacker.check_error(bytes(header) + bytes(1024), "it has a header of -256 bytes")

    @pytest.mark.parametrize("compression", COMPRESSIONS)
    def test_cut_short(self, unpacker: Unpacker, compression: str) -> None:
        data = COMPRESSIONS[compression](tar(member("x", os.urandom(50_000))))
        unpacker.check_error(data[:30_000], "damaged")

    @pytest.mark.parametrize("data", [b"", b"hello", b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"])
    def test_no_archive(self, unpacker: Unpacker, data: bytes) -> None:
        unpacker.check_error(data, "cannot unpack `archive`: it is damaged")

    def test_zip_with_a_password(self, unpacker: Unpacker) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            file.writestr("x", "x")
        data = bytearray(buffer.getvalue())
        data[6] |= 1
        data[data.index(b"PK\x01\x02") + 8] |= 1
        unpacker.check_error(bytes(data), "password")


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=8), st.sampled_from(sorted(COMPRESSIONS)))
def test_any_damage_stays_inside(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], compression: str
) -> None:
    root = tmp_path_factory.mktemp("damaged")
    data = bytearray(COMPRESSIONS[compression](tar(*GOOD)))
    for at, value in changes:
        data[at % len(data)] = value
    (root / "archive").write_bytes(data)
    with contextlib.suppress(FormatError):
        unpack.unpack(root / "archive", root / "inner" / "out", limits=Limits(1 << 20, 100))
    assert sorted(path.name for path in root.iterdir()) in (["archive"], ["archive", "inner"])
    shutil.rmtree(root)


class TestPacking:
    def tree(self, path: Path) -> Path:
        (path / "python/install/bin").mkdir(parents=True)
        (path / "python/PYTHON.json").write_text("{}")
        (path / "python/install/bin/python3.13").write_text("program")
        (path / "python/install/bin/python3.13").chmod(0o700)
        (path / "python/install/bin/python3").symlink_to("python3.13")
        (path / "python/build").mkdir()
        (path / "python/lib-dynload").mkdir()
        (path / "python/build/PYTHON.json").write_text("not the first")
        return path

    def test_round_trip(self, tmp_path: Path) -> None:
        tree = self.tree(tmp_path / "tree")
        archive.pack(tree, tmp_path / "a.tar.zst")
        unpack.unpack(tmp_path / "a.tar.zst", tmp_path / "again")
        assert listing(tmp_path / "again") == listing(tree)

    def test_order_and_metadata(self, tmp_path: Path) -> None:
        archive.pack(self.tree(tmp_path / "tree"), tmp_path / "a.tar.zst")
        data = zstandard.ZstdDecompressor().stream_reader((tmp_path / "a.tar.zst").read_bytes()).read()
        with tarfile.open(fileobj=io.BytesIO(data)) as file:
            members = file.getmembers()
        assert [(info.name, info.mode) for info in members] == [
            ("python/PYTHON.json", 0o644),
            ("python/build/PYTHON.json", 0o644),
            ("python/install/bin/python3", 0o777),
            ("python/install/bin/python3.13", 0o755),
            ("python/lib-dynload", 0o755),
        ]
        assert {(info.mtime, info.uid, info.gid, info.uname) for info in members} == {(1704067200, 0, 0, "root")}

    def test_same_tree_same_bytes(self, tmp_path: Path) -> None:
        archive.pack(self.tree(tmp_path / "one"), tmp_path / "1.tar.zst")
        other = self.tree(tmp_path / "other")
        (other / "python/PYTHON.json").chmod(0o600)
        os.utime(other / "python/PYTHON.json", (0, 0))
        archive.pack(other, tmp_path / "2.tar.zst")
        assert (tmp_path / "1.tar.zst").read_bytes() == (tmp_path / "2.tar.zst").read_bytes()

    @pytest.mark.parametrize("target", ["/etc/passwd", "../../outside"])
    def test_link_outside(self, tmp_path: Path, target: str) -> None:
        tree = self.tree(tmp_path / "tree")
        (tree / "python/link").symlink_to(target)
        with pytest.raises(FormatError, match="cannot archive the link `python/link`: it points outside"):
            archive.pack(tree, tmp_path / "a.tar.zst")

    def test_pipe(self, tmp_path: Path) -> None:
        tree = self.tree(tmp_path / "tree")
        os.mkfifo(tree / "python/pipe")
        with pytest.raises(FormatError, match="`python/pipe`: it is neither file"):
            archive.pack(tree, tmp_path / "a.tar.zst")


class TestCommandLines:
    def test_pack_and_unpack(self, tmp_path: Path) -> None:
        tree = TestPacking().tree(tmp_path / "tree")
        packed = str(tmp_path / "a.tar.zst")
        assert archive.main(["pack", str(tree), packed]) == 0
        assert archive.main(["unpack", packed, str(tmp_path / "again")]) == 0
        assert archive.main(["unpack", packed, str(tmp_path / "stripped"), "--strip", "1"]) == 0
        assert listing(tmp_path / "again") == listing(tree)
        assert listing(tmp_path / "stripped") == listing(tree / "python")

    def test_source_loses_its_top_folder(self, tmp_path: Path) -> None:
        (tmp_path / "x.tar.gz").write_bytes(gzip.compress(tar(*GOOD)))
        assert unpack.main([str(tmp_path / "x.tar.gz"), str(tmp_path / "out")]) == 0
        assert listing(tmp_path / "out") == UNPACKED

    def test_problem(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "x").write_bytes(zlib.compress(b"x"))
        assert unpack.main([str(tmp_path / "x"), str(tmp_path / "out")]) == 1
        assert capsys.readouterr().err.startswith("error: cannot unpack `x`: it is damaged, or not an archive")
