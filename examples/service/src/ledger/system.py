"""What the program knows of itself and of other programs."""

from __future__ import annotations

import asyncio
import ctypes
import shlex
import ssl
import sys


class Version(ctypes.BigEndianStructure):
    """PY_VERSION_HEX (C API, apiabiversion), read by its bytes."""

    _fields_ = (("major", ctypes.c_uint8), ("minor", ctypes.c_uint8), ("micro", ctypes.c_uint8), ("release", ctypes.c_uint8))


def about() -> str:
    """One line: which Python, asked through its C API, and which OpenSSL."""
    get_version = ctypes.pythonapi.Py_GetVersion
    get_version.restype = ctypes.c_char_p
    version = Version.from_buffer_copy(sys.hexversion.to_bytes(4, "big"))
    if not get_version().decode().startswith(f"{version.major}.{version.minor}.{version.micro}"):
        raise AssertionError("the C API and `sys` disagree")
    bits = ctypes.sizeof(ctypes.c_void_p) * 8
    return f"Python {version.major}.{version.minor}, {ssl.OPENSSL_VERSION}, {bits} bits"


async def run_all(commands: list[str]) -> list[tuple[str, int, str]]:
    """Run all `commands` at the same time; gives (command, exit code, output) of each, in their order."""
    return await asyncio.gather(*map(_run, commands))


async def _run(command: str) -> tuple[str, int, str]:
    process = await asyncio.create_subprocess_exec(*shlex.split(command), stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    return command, process.returncode or 0, output.decode().strip()
