"""Writes which licences the parts of an executable have, with their texts. Knows metadata and file names, no licence's terms.

Of a distribution it reads what PYTHON.json says of licences, of packages their metadata (PEP 639 and older) and the files
beside it.
"""

from __future__ import annotations

import email.message
import email.parser
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from staticbuild.packing.resource import Resources

_TEXTS = re.compile(r"(licen[cs]e|copying|notice|authors|copyright)", re.IGNORECASE)
_RULE = "-" * 78
_UNKNOWN = "not said"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: what it is, its licence as it names it, and texts by their names."""

    name: str
    licence: str
    texts: tuple[tuple[str, str], ...] = ()


def report(distribution: Part, libraries: Iterable[Part], packages: Iterable[Part]) -> str:
    """The whole text."""
    libraries, packages = list(libraries), list(packages)
    lines = ["What this program is made of, and under which licences.", "", f"{distribution.name}: {distribution.licence}"]
    for title, parts in (("Extension modules and the libraries in them", libraries), ("Packages", packages)):
        lines += ["", f"{title}:", *(f"  {part.name}: {part.licence}" for part in parts)] if parts else []
    for part in (distribution, *libraries, *packages):
        for name, text in part.texts:
            lines += ["", _RULE, f"{part.name}: {name}", _RULE, "", text.strip()]
    return "\n".join([*lines, ""])


def of_distribution(description: bytes, version: str, texts: Mapping[str, bytes]) -> tuple[Part, list[Part]]:
    """The distribution and its extension modules, out of PYTHON.json and the files in its folder of licences."""
    root: dict[str, Any] = json.loads(description)
    written = tuple((name, data.decode(errors="replace")) for name, data in sorted(texts.items()))
    core = Part(f"CPython {version}", _joined(root.get("licenses")), written)
    extensions = root.get("build_info", {}).get("extensions", {})
    parts = []
    for name, variants in sorted(extensions.items()):
        licences = _joined({each for variant in variants for each in variant.get("licenses") or ()})
        if licences != _UNKNOWN:
            parts.append(Part(name, licences))
    return core, parts


def of_packages(resources: Resources) -> Iterator[Part]:
    """The installed projects among `resources`."""
    files = {file.path: file.data for file in resources.files}
    for path, data in sorted(files.items()):
        folder, _, name = path.rpartition("/")
        if name == "METADATA" and folder.endswith(".dist-info"):
            metadata = email.parser.BytesParser().parsebytes(data, headersonly=True)
            texts = [
                (other.removeprefix(f"{folder}/"), content.decode(errors="replace"))
                for other, content in sorted(files.items())
                if other.startswith(f"{folder}/") and _TEXTS.search(other.rpartition("/")[2])
            ]
            yield Part(f"{metadata['Name']} {metadata['Version']}", _licence(metadata), tuple(texts))


def _licence(metadata: email.message.Message) -> str:
    expression = metadata.get("License-Expression")
    if expression:
        return str(expression)
    classified = [value.rpartition(" :: ")[2] for value in metadata.get_all("Classifier", []) if value.startswith("License ::")]
    if classified:
        return ", ".join(classified)
    # Old metadata may have a whole text there.
    first = str(metadata.get("License") or "").strip().split("\n")[0]
    return first if first and first != "UNKNOWN" else _UNKNOWN


def _joined(licences: Iterable[str] | None) -> str:
    return ", ".join(sorted(licences or ())) or _UNKNOWN
