"""Our few messages, compared with protobuf's own encoder and fed with any bytes."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from hypothesis import given
from hypothesis import strategies as st

from staticbuild.errors import FormatError
from staticbuild.graph.wire import ActionMessage, Command, Digest, Directory, FileNode

STRING, BYTES, INT64, BOOL, MESSAGE = 9, 12, 3, 8, 11

# remote_execution.proto, as far as we write it: message -> (number, name, type or message, repeated).
MESSAGES: dict[str, list[tuple[int, str, Any, bool]]] = {
    "Digest": [(1, "hash", STRING, False), (2, "size_bytes", INT64, False)],
    "FileNode": [(1, "name", STRING, False), (2, "digest", "Digest", False), (4, "is_executable", BOOL, False)],
    "DirectoryNode": [(1, "name", STRING, False), (2, "digest", "Digest", False)],
    "SymlinkNode": [(1, "name", STRING, False), (2, "target", STRING, False)],
    "Directory": [
        (1, "files", "FileNode", True),
        (2, "directories", "DirectoryNode", True),
        (3, "symlinks", "SymlinkNode", True),
    ],
    "Property": [(1, "name", STRING, False), (2, "value", STRING, False)],
    "Platform": [(1, "properties", "Property", True)],
    "EnvironmentVariable": [(1, "name", STRING, False), (2, "value", STRING, False)],
    "Command": [
        (1, "arguments", STRING, True),
        (2, "environment_variables", "EnvironmentVariable", True),
        (3, "output_files", STRING, True),
        (4, "output_directories", STRING, True),
        (5, "platform", "Platform", False),
        (7, "output_paths", STRING, True),
    ],
    "Duration": [(1, "seconds", INT64, False)],
    "Action": [
        (1, "command_digest", "Digest", False),
        (2, "input_root_digest", "Digest", False),
        (6, "timeout", "Duration", False),
        (9, "salt", BYTES, False),
        (10, "platform", "Platform", False),
    ],
}


def _build() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="re.proto", package="re", syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, field, kind, repeated in fields:
            added = message.field.add(name=field, number=number, label=3 if repeated else 1)
            if isinstance(kind, str):
                added.type, added.type_name = MESSAGE, f".re.{kind}"
            else:
                added.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"re.{name}")) for name in MESSAGES}


PB = _build()

text = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
names = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="/\0"), min_size=1, max_size=8).filter(
    lambda name: name not in (".", "..")
)
digests = st.builds(Digest, st.binary(max_size=4).map(lambda data: hashlib.sha256(data).hexdigest()), st.integers(0, 2**62))
pairs = st.lists(st.tuples(text, text), max_size=4, unique_by=lambda pair: pair[0]).map(tuple)


@st.composite
def directories(draw: Any) -> Any:
    taken = draw(st.lists(names, unique=True, max_size=8))
    files, folders, links = [], [], []
    for name in taken:
        kind = draw(st.integers(0, 2))
        if kind == 0:
            files.append(FileNode(name, draw(digests), draw(st.booleans())))
        elif kind == 1:
            folders.append((name, draw(digests)))
        else:
            links.append((name, draw(names)))
    return Directory(tuple(files), tuple(folders), tuple(links))


def pb_digest(digest: Any) -> Any:
    return PB["Digest"](hash=digest.hash, size_bytes=digest.size)


def pb_platform(properties: Any) -> Any:
    return PB["Platform"](properties=[PB["Property"](name=name, value=value) for name, value in sorted(properties)])


@given(directories())
def test_a_directory(directory: Any) -> None:
    expected = PB["Directory"](
        files=[
            PB["FileNode"](name=node.name, digest=pb_digest(node.digest), is_executable=node.executable)
            for node in sorted(directory.files, key=lambda node: node.name)
        ],
        directories=[
            PB["DirectoryNode"](name=name, digest=pb_digest(digest)) for name, digest in sorted(directory.directories)
        ],
        symlinks=[PB["SymlinkNode"](name=name, target=target) for name, target in sorted(directory.symlinks)],
    )
    assert directory.encode() == expected.SerializeToString(deterministic=True)


@given(directories())
def test_a_directory_comes_back(directory: Any) -> None:
    data = directory.encode()
    assert Directory.decode(data).encode() == data


@given(
    st.lists(text, max_size=4), pairs, st.lists(text.filter(bool), max_size=3), st.lists(text.filter(bool), max_size=3), pairs
)
def test_a_command(argv: Any, env: Any, files: Any, folders: Any, platform: Any) -> None:
    expected = PB["Command"](
        arguments=argv,
        environment_variables=[PB["EnvironmentVariable"](name=name, value=value) for name, value in sorted(env)],
        output_files=sorted(files),
        output_directories=sorted(folders),
        output_paths=sorted(files + folders),
    )
    if platform:
        expected.platform.CopyFrom(pb_platform(platform))
    ours = Command(tuple(argv), env, tuple(files), tuple(folders), platform)
    assert ours.encode() == expected.SerializeToString(deterministic=True)


@given(digests, digests, st.integers(0, 2**40), st.binary(max_size=9), pairs)
def test_an_action(command: Any, root: Any, timeout: Any, salt: Any, platform: Any) -> None:
    expected = PB["Action"](command_digest=pb_digest(command), input_root_digest=pb_digest(root), salt=salt)
    if timeout:
        expected.timeout.seconds = timeout
    if platform:
        expected.platform.CopyFrom(pb_platform(platform))
    assert ActionMessage(command, root, timeout, salt, platform).encode() == expected.SerializeToString(deterministic=True)


def check_bytes(data: Any) -> None:
    try:
        directory = Directory.decode(data)
    except FormatError:
        return
    assert Directory.decode(directory.encode()).encode() == directory.encode()


@given(st.binary(max_size=200))
def test_any_bytes(data: Any) -> None:
    check_bytes(data)


@given(directories(), st.data())
def test_almost_a_directory(directory: Any, data: Any) -> None:
    encoded = bytearray(directory.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        if encoded:
            encoded[data.draw(st.integers(0, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    check_bytes(bytes(encoded[: data.draw(st.integers(0, len(encoded)))]))


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0"])
def test_names_that_would_lead_elsewhere(name: Any) -> None:
    with pytest.raises(FormatError, match="is named"):
        Directory.decode(Directory(symlinks=((name, "x"),)).encode())


def test_a_name_that_occurs_twice() -> None:
    digest = Digest("0" * 64, 0)
    with pytest.raises(FormatError, match="two directory entries"):
        Directory.decode(Directory(files=(FileNode("a", digest),), directories=(("a", digest),)).encode())


def test_the_empty_directory() -> None:
    assert Directory().encode() == b""
    assert Directory.decode(b"") == Directory()
