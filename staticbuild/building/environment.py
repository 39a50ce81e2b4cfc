"""What a backend finds around it: environment variables and the interpreter's build settings. Pure: names in, texts out.

A backend learns how to compile from `sysconfig` (setuptools), from environment variables (all), or by trying (meson, CMake).
All of them are told the same: our drivers, and nothing that belongs to the machine on which the distribution was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from staticbuild.building.driver import LIBRARY_FOLDERS, ROOT

SYSCONFIG_MODULE: Final = "_sysconfigdata_staticbuild"

_PKG_CONFIG: Final = """\
Name: Python
Description: the headers of the Python that is built for; extensions are not linked with any library of it
Version: {version}
Libs:
Cflags: -I{home}/include/python{version}
"""

_COMPILE: Final = "-fno-strict-overflow -Wsign-compare -DNDEBUG -O3 -Wall"

_SYSCONFIG: Final = '''\
"""The build settings of the interpreter that is built for, with our drivers in place of those that made it."""

import os

_NAME = {name!r}
_PREFIX = {prefix!r}


def _read():
    values = {{}}
    with open(os.path.join({folder!r}, _NAME + ".py"), encoding="utf-8") as file:
        exec(file.read(), values)
    return values["build_time_vars"]


def _moved(value):
    """Paths of the distribution as it was made, where they are now."""
    return value.replace("/install", _PREFIX, 1) if isinstance(value, str) and value.startswith("/install") else value


build_time_vars = {{name: _moved(value) for name, value in _read().items()}}
build_time_vars.update({overrides!r})
'''

# What sysconfig says of compilers. OPT and CFLAGS are those of the distribution, without what only its own build needs.
_OVERRIDES: Final[Mapping[str, object]] = {
    "CC": "cc",
    "CXX": "c++",
    "LINKCC": "cc",
    "AR": "ar",
    "ARFLAGS": "rcs",
    "RANLIB": "ranlib",
    "CFLAGS": _COMPILE,
    "BASECFLAGS": "-fno-strict-overflow -Wsign-compare",
    "OPT": "-DNDEBUG -O3 -Wall",
    "PY_CFLAGS": _COMPILE,
    "PY_CORE_CFLAGS": _COMPILE,
    "CPPFLAGS": "",
    "PY_CPPFLAGS": "",
    "CCSHARED": "-fPIC",
    "LDFLAGS": "",
    "PY_LDFLAGS": "",
    "LDSHARED": "cc -shared",
    "BLDSHARED": "cc -shared",
    "LDCXXSHARED": "c++ -shared",
    "LIBS": "",
    "SYSLIBS": "",
    "LINKFORSHARED": "",
    # Extensions are looked for symbols of, not linked with, the library.
    "Py_ENABLE_SHARED": 0,
    "LIBPYTHON": "",
}


def sysconfig_module(*, name: str, folder: str, prefix: str, pkg_config: str) -> str:
    """The text of the module that `_PYTHON_SYSCONFIGDATA_NAME` names.

    `name` is the distribution's own such module, which lies in `folder`; `prefix` is where the distribution is, `pkg_config`
    the folder of what pkg-config knows of it.
    """
    return _SYSCONFIG.format(name=name, folder=folder, prefix=prefix, overrides={**_OVERRIDES, "LIBPC": pkg_config})


def pkg_config(*, version: str, home: str) -> dict[str, str]:
    """What pkg-config knows of the interpreter, by name of file. The distribution's own files say where it was made."""
    text = _PKG_CONFIG.format(version=version, home=home)
    return {f"python-{version}.pc": text, f"python-{version}-embed.pc": text, "python3.pc": text}


def variables(  # noqa: PLR0913 - each is a place of the private folder
    *,
    root: str,
    home: str,
    python: str,
    folders: Sequence[str],
    libraries: Sequence[str],
    given: Mapping[str, str],
    environ: Mapping[str, str],
) -> dict[str, str]:
    """The environment of a backend.

    `root` is the private folder, `home` the interpreter's prefix, `python` the one that runs the drivers, `folders` are put
    before PATH, `libraries` are prefix trees, whose programs (`pg_config`) come before the host's. `given` is what the
    package's row of the table says; `{root}` in it stands for the private folder, `{NAME}` for the tree of the library NAME.
    `environ` is the action's own environment.
    """
    includes = [f"{library}/include" for library in libraries]
    archives = [f"{library}/lib" for library in libraries]
    programs = [f"{library}/bin" for library in libraries]
    values = {
        **environ,
        "PATH": ":".join((*folders, *programs, environ.get("PATH", "/usr/bin:/bin"))),
        ROOT: root,
        "SB_PYTHON": python,
        LIBRARY_FOLDERS: ":".join(archives),
        # Headers of the libraries, behind those that the build names itself.
        "CPATH": ":".join(includes),
        "PKG_CONFIG_LIBDIR": ":".join(f"{folder}/pkgconfig" for folder in archives),
        "PKG_CONFIG_PATH": "",
        "CC": "cc",
        "CXX": "c++",
        "AR": "ar",
        "RANLIB": "ranlib",
        "LD": "ld",
        "STRIP": "strip",
        "LDSHARED": "cc -shared",
        "CMAKE_PREFIX_PATH": ":".join(libraries),
        "PYTHONHOME": home,
        "_PYTHON_SYSCONFIGDATA_NAME": SYSCONFIG_MODULE,
        "PYTHONPATH": f"{root}/env/config",
        "PYTHONNOUSERSITE": "1",
        # The distribution has no bytecode beside its modules; made once, it serves all processes of this build.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": f"{environ['TMPDIR']}/bytecode",
        "PIP_NO_INDEX": "1",
        "CARGO_NET_OFFLINE": "true",
    }
    named = {library.rpartition("/")[2]: library for library in libraries}
    for name, value in given.items():
        values[name] = _placed(value, {"root": root, **named})
    return {name: value for name, value in values.items() if value or name != "PYTHONDONTWRITEBYTECODE"}


def _placed(text: str, places: Mapping[str, str]) -> str:
    """`text` with `{name}` replaced by what `places` says; other braces stay."""
    for name, place in places.items():
        text = text.replace("{" + name + "}", place)
    return text
