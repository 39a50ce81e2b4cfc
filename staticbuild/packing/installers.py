"""The program of actions that write packages for people: wheels, MSIs, universal binaries. Knows archives, not their contents.

Run inside of an action: `python3 -m staticbuild.packing.installers wheel|msi|universal PLAN.json`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from staticbuild.errors import ConfigError, FormatError
from staticbuild.program import run

Plan = Mapping[str, Any]

# The first moment that a zip file can have.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_NAMESPACE = uuid.UUID("6f1c1f3e-6d57-5d38-8a35-7f8a1f0f5a51")


def main(argv: Sequence[str]) -> int:
    """Carry out the plan in the file `argv[1]`, as the command `argv[0]`."""
    if len(argv) != 2 or argv[0] not in _COMMANDS:  # noqa: PLR2004 - a command and its plan
        sys.stderr.write("usage: python3 -m staticbuild.packing.installers wheel|msi|universal PLAN.json\n")
        return 2
    plan = json.loads(Path(argv[1]).read_bytes())
    Path(plan["output"]).parent.mkdir(parents=True, exist_ok=True)
    return run(lambda: _COMMANDS[argv[0]](plan), sys.stderr)


# --- wheels ---


def write_wheel(plan: Plan) -> None:
    """Write the wheel: the files of `inputs`, its metadata last, and RECORD behind that."""
    folder, info = Path(plan["inputs"]), str(plan["info"])
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    ordered = sorted(paths, key=lambda path: (path.startswith(f"{info}/"), path))
    lines = []
    with zipfile.ZipFile(plan["output"], "w", zipfile.ZIP_DEFLATED) as archive:
        for path in ordered:
            data = (folder / path).read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            lines.append(f"{_quoted(path)},sha256={digest},{len(data)}\n")
            _add(archive, path, data, is_executable=bool((folder / path).stat().st_mode & 0o111))
        lines.append(f"{info}/RECORD,,\n")
        _add(archive, f"{info}/RECORD", "".join(lines).encode(), is_executable=False)


def _add(archive: zipfile.ZipFile, path: str, data: bytes, *, is_executable: bool) -> None:
    entry = zipfile.ZipInfo(path, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, on every host
    entry.external_attr = (0o100755 if is_executable else 0o100644) << 16
    archive.writestr(entry, data)


def _quoted(path: str) -> str:
    return f'"{path}"' if "," in path or '"' in path else path


# --- MSIs ---


def write_msi(plan: Plan) -> None:
    """Write WiX's source for the files of `inputs`, and have `wixl` make an MSI of it."""
    source = Path("product.wxs")
    source.write_text(wix_source(plan), encoding="utf-8")
    architecture = {"x86": "x86", "x64": "x64", "arm64": "a64"}[plan["arch"]]
    done = subprocess.run(  # noqa: S603 - a fixed program; the rest are paths of ours
        ["wixl", "--arch", architecture, "--output", plan["output"], str(source)],  # noqa: S607 - the host's
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ConfigError("`wixl` could not make the MSI", notes=tuple((done.stderr or done.stdout).splitlines()[-12:]))


def wix_source(plan: Plan) -> str:
    """The text of WiX's source. Ids and GUIDs follow from paths, so that the same files give the same source."""
    product, prefix = str(plan["product_name"]), str(plan["id_prefix"])
    is_64 = plan["arch"] != "x86"
    upgrade = str(plan.get("upgrade_code") or uuid.uuid5(_NAMESPACE, f"{prefix}/{product}/upgrade")).upper()
    about = {
        "Name": product,
        "Version": _version(str(plan["product_version"])),
        "Manufacturer": str(plan["product_manufacturer"]),
    }
    described = "".join(f" {name}={quoteattr(value)}" for name, value in about.items())
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">',
        f'  <Product Id="*" Language="1033" UpgradeCode="{upgrade}"{described}>',
        f'    <Package{_described(plan)} InstallerVersion="500" Compressed="yes" InstallScope="perMachine" />',
        '    <MajorUpgrade DowngradeErrorMessage="A newer version is already installed." />',
        '    <Media Id="1" Cabinet="cab1.cab" EmbedCab="yes" />',
        *_properties(plan),
        '    <Directory Id="TARGETDIR" Name="SourceDir">',
        f'      <Directory Id="{"ProgramFiles64Folder" if is_64 else "ProgramFilesFolder"}">',
        f'        <Directory Id="APPLICATIONFOLDER" Name={quoteattr(product)}>',
    ]
    paths = tuple(sorted(str(path).removeprefix("in/") for path in plan["files"] if str(path).startswith("in/")))
    described_files = _Product(prefix, product, ' Win64="yes"' if is_64 else "", paths)
    lines += described_files.folder("", 10)
    lines += ["        </Directory>", "      </Directory>", "    </Directory>"]
    lines.append(f'    <Feature Id="MainProgram" Title={quoteattr(product)} Level="1">')
    lines += [f'      <ComponentRef Id="{each}" />' for each in described_files.components]
    return "\n".join([*lines, "    </Feature>", "  </Product>", "</Wix>", ""])


def _described(plan: Plan) -> str:
    named = (("Description", "package_description"), ("Keywords", "package_keywords"))
    return "".join(f" {name}={quoteattr(str(plan[key]))}" for name, key in named if plan.get(key))


def _properties(plan: Plan) -> list[str]:
    lines = []
    if plan.get("help_url"):
        lines.append(f'    <Property Id="ARPHELPLINK" Value={quoteattr(str(plan["help_url"]))} />')
    if plan.get("product_icon_path"):
        lines.append('    <Icon Id="ProductICO" SourceFile="extra/product_icon_path" />')
        lines.append('    <Property Id="ARPPRODUCTICON" Value="ProductICO" />')
    return lines


@dataclass(frozen=True, slots=True)
class _Product:
    """What ids and GUIDs are made of, and the components so far."""

    prefix: str
    name: str
    win64: str
    paths: tuple[str, ...]
    components: list[str] = field(default_factory=list)

    def folder(self, folder: str, depth: int) -> list[str]:
        """The lines for the files and folders directly below `folder`, and for all that is below those."""
        margin = " " * depth
        lines = []
        below = [path[len(folder) :] for path in self.paths if path.startswith(folder)]
        for name in sorted(path for path in below if "/" not in path):
            path = folder + name
            identity = _identity(self.prefix, path)
            self.components.append(f"C{identity}")
            guid = str(uuid.uuid5(_NAMESPACE, f"{self.prefix}/{self.name}/{path}")).upper()
            lines += [
                f'{margin}<Component Id="C{identity}" Guid="{guid}"{self.win64}>',
                f'{margin}  <File Id="F{identity}" Name={quoteattr(name)} Source={quoteattr(f"in/{path}")} KeyPath="yes" />',
                f"{margin}</Component>",
            ]
        for name in sorted({path.partition("/")[0] for path in below if "/" in path}):
            inner = f"{folder}{name}/"
            lines.append(f'{margin}<Directory Id="D{_identity(self.prefix, inner)}" Name={quoteattr(name)}>')
            lines += self.folder(inner, depth + 2)
            lines.append(f"{margin}</Directory>")
        return lines


def _identity(prefix: str, path: str) -> str:
    return hashlib.sha256(f"{prefix}/{path}".encode()).hexdigest()[:32]


def _version(text: str) -> str:
    """`text` as an MSI takes it: three or four numbers."""
    numbers = [part for part in text.replace("-", ".").replace("+", ".").split(".") if part.isdigit()][:4]
    return ".".join(numbers + ["0"] * (3 - len(numbers))) or "0.0.0"


# --- universal binaries ---

_FAT = 0xCAFEBABE
_MACH_O = 0xFEEDFACF
_ALIGNMENT = {0x0100000C: 14, 0x01000007: 12}  # of pages, as a power of two: ARM64 and x86-64


def write_universal(plan: Plan) -> None:
    """Write the programs of `inputs` behind each other, with a table of architectures before them."""
    folder = Path(plan["inputs"])
    slices = [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
    Path(plan["output"]).write_bytes(universal(slices))
    Path(plan["output"]).chmod(0o755)


def universal(slices: Sequence[tuple[str, bytes]]) -> bytes:
    """One file of several programs, each for an architecture of its own. Raises FormatError for what is no such program."""
    entries = []
    seen = set()
    for name, data in slices:
        header = struct.Struct("<IiI")
        if len(data) < header.size or header.unpack_from(data)[0] != _MACH_O:
            raise FormatError(f"program {name} of the universal binary is no 64-bit Mach-O file")
        _, machine, kind = header.unpack_from(data)
        if machine in seen:
            raise FormatError("two programs of the universal binary are for the same architecture")
        seen.add(machine)
        entries.append((machine, kind, _ALIGNMENT.get(machine, 14), data))
    entries.sort(key=lambda entry: (entry[2], entry[0]))
    table, body = struct.pack(">II", _FAT, len(entries)), b""
    position = len(table) + 20 * len(entries)
    for machine, kind, alignment, data in entries:
        start = -(-position // (1 << alignment)) << alignment
        table += struct.pack(">iIIII", machine, kind, start, len(data), alignment)
        body += bytes(start - position) + data
        position = start + len(data)
    return table + body


_COMMANDS: Mapping[str, Callable[[Plan], None]] = {"wheel": write_wheel, "msi": write_msi, "universal": write_universal}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
