"""The file of licences."""

from __future__ import annotations

import json

import pytest

from staticbuild.packing.notices import Part, of_distribution, of_packages, report
from staticbuild.packing.resource import File, collect

INFO = "lib/python3.13/site-packages/demo-1.0.dist-info"


def package(metadata: str, **texts: str) -> Part:
    files = [File(f"{INFO}/METADATA", f"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n{metadata}\n".encode())]
    files += [File(f"{INFO}/{name.replace('__', '/')}", text.encode()) for name, text in texts.items()]
    (part,) = of_packages(collect((), files))
    return part


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ("License-Expression: MIT OR Apache-2.0\nLicense: other", "MIT OR Apache-2.0"),
        ("Classifier: License :: OSI Approved :: BSD License\nClassifier: Topic :: X\nLicense: BSD", "BSD License"),
        ("License: MIT\n        and more", "MIT"),
        ("License: UNKNOWN", "not said"),
        ("", "not said"),
    ],
)
def test_what_metadata_says(metadata: str, licence: str) -> None:
    assert package(metadata) == Part("demo 1.0", licence)


def test_texts_of_a_package() -> None:
    part = package("License-Expression: MIT", licenses__LICENSE="one", NOTICE="two", RECORD="three")
    assert part.texts == (("NOTICE", "two"), ("licenses/LICENSE", "one"))


def test_a_report() -> None:
    description = {
        "licenses": ["Python-2.0"],
        "build_info": {"extensions": {"zlib": [{"licenses": ["Zlib"]}], "_abc": [{"licenses": None}]}},
    }
    core, libraries = of_distribution(json.dumps(description).encode(), "3.13", {"LICENSE.zlib.txt": b"zlib's\n"})
    text = report(core, libraries, [package("License: MIT", LICENSE="do as you like\n")])
    assert text.split("-" * 78)[0] == (
        "What this program is made of, and under which licences.\n\nCPython 3.13: Python-2.0\n\n"
        "Extension modules and the libraries in them:\n  zlib: Zlib\n\nPackages:\n  demo 1.0: MIT\n\n"
    )
    assert text.endswith(f"{'-' * 78}\ndemo 1.0: LICENSE\n{'-' * 78}\n\ndo as you like\n")
    assert "CPython 3.13: LICENSE.zlib.txt" in text
