"""The runtime is linked into other people's programs: what it defines cannot be in their way."""

from __future__ import annotations

import re

from staticbuild.linking import elf
from tests.runtime.programs import Maker

# Names that CPython, OpenSSL or the C library looks for; see the first lines of the files that define them.
EXPECTED = {
    "main",
    "PyInit__staticbuild",
    "_PyConfig_InitPathConfig",
    "_Py_Get_Getpath_CodeObject",
    *("dladdr", "dlclose", "dlerror", "dlinfo", "dlopen", "dlsym"),
    *(
        f"X509_get_default_{name}"
        for name in ("cert_area", "cert_dir", "cert_dir_env", "cert_file", "cert_file_env", "private_dir")
    ),
    *("__wrap_SSL_CTX_load_verify_locations", "__wrap_X509_STORE_set_default_paths", "__wrap_X509_STORE_set_default_paths_ex"),
}


def test_external_names_have_the_prefix(make: Maker) -> None:
    defined: set[str] = set()
    for path in (make.folder / "objects").iterdir():
        defined |= elf.interface(elf.parse(path.read_bytes())).defined
    assert {name for name in defined if not re.match(r"sb_[a-z_0-9]+$", name)} == EXPECTED


def test_each_file_says_what_it_is(make: Maker) -> None:
    sources = sorted((make.folder / "runtime").glob("*.[ch]"))
    assert [path.name for path in sources if not path.read_text().startswith(f"/* {path.name} - ")] == []
