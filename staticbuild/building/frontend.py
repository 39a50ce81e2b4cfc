"""Builds one package in a private folder: lays out what its backend needs, calls the backend, takes the wheel apart.

The only module of `building`, with the driver, that touches files and processes; it runs inside of actions.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from staticbuild.building import diagnose
from staticbuild.building.environment import SYSCONFIG_MODULE, pkg_config, sysconfig_module, variables
from staticbuild.building.harvest import Harvest, harvest
from staticbuild.building.plan import DESCRIPTION, OUTPUT, WHEEL, BuildPlan, wheel_name
from staticbuild.distribution.unpack import unpack
from staticbuild.errors import ActionError, FormatError
from staticbuild.program import warning

_SITE_CUSTOMIZE: Final = """\
import site

site.addsitedir({site!r})
"""

# Where a backend would take a folder with a random name, and that name would come into what it builds.
_FIXED_FOLDERS: Final[Mapping[str, Mapping[str, str]]] = {
    "mesonpy": {"build-dir": "staticbuild-build"},
    "scikit_build_core.build": {"build-dir": "staticbuild-build"},
}
_DEFAULT_BACKEND: Final = "setuptools.build_meta:__legacy__"
_LINES_KEPT: Final = 400

_USED_WITHOUT: Final = "a `python_package` gives its build what it lacks: libraries, headers, environment variables"


@dataclass(frozen=True, slots=True)
class BuildSystem:
    """`[build-system]` of a project (PEP 517, PEP 518), or what stands for it where there is none."""

    backend: str
    backend_path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Backend:
    """A backend that can be called: where, with which interpreter, and what it finds around it."""

    plan: BuildPlan
    system: BuildSystem
    sources: Path
    root: Path
    environ: Mapping[str, str]
    log: TextIO
    failures: list[str] = field(default_factory=list)

    def call(self, hook: str, *arguments: object) -> Any:  # noqa: ANN401 - JSON
        """What the hook returns. Raises ActionError, with what is known of the reason, if it fails."""
        call, result = self.root / "env/call.json", self.root / "env/result.json"
        content = {
            "backend": self.system.backend,
            "backend_path": self.system.backend_path,
            "hook": hook,
            "arguments": arguments,
            "result": str(result),
        }
        call.write_text(json.dumps(content))
        # What the hook before returned is no answer of this one.
        result.unlink(missing_ok=True)
        program = str(Path(__file__).with_name("backend.py"))
        argv = [f"{self.root}/{self.plan.python}/bin/python{self.plan.version}", "-P", program, str(call)]
        code, log = _run(argv, self.sources, self.environ, self.log)
        self.failures.extend(line for line in log if diagnose.is_failure(line))
        if code != 0 or not result.is_file():
            raise ActionError.of([diagnose.explain(self.plan.requirement, hook, code, log)])
        return json.loads(result.read_text())


def build(plan: BuildPlan, log: TextIO) -> None:
    """Build what `plan` says, into the folder `built`; what the backend prints goes to `log`."""
    root = Path.cwd()
    sources = _sources(plan, root)
    system = build_system(sources)
    site = root / "env/site"
    (root / "env/config").mkdir(parents=True)
    _install(plan.wheels, site, root)
    environ = _environ(plan, root, site)
    backend = _Backend(plan, system, sources, root, environ, log)
    module = system.backend.partition(":")[0]
    settings = {**_FIXED_FOLDERS.get(module, {}), **_settings(plan, root)}
    _check_requirements(plan, backend.call("get_requires_for_build_wheel", settings or None), site)
    wheels = root / "env/wheels"
    wheels.mkdir()
    name = backend.call("build_wheel", str(wheels), settings or None, None)
    harvested = _harvest(plan, _wheel(plan, wheels, name))
    if backend.failures and not harvested.extensions:
        # Many packages go on without what could not be compiled, and are several times slower than anybody expects.
        message = f"`{plan.requirement}` is used without its extension, which could not be built: {backend.failures[0].strip()}"
        log.write(warning(message, _USED_WITHOUT))
    _write(plan, harvested, Path(OUTPUT))


def build_system(sources: Path) -> BuildSystem:
    """How the project in the folder `sources` says that it is built. Raises FormatError for a file that is no TOML."""
    path = sources / "pyproject.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("build-system", {}) if path.is_file() else {}
    except (ValueError, RecursionError) as error:
        raise FormatError(f"`pyproject.toml` of the package is no TOML: {error}") from error
    backend, folders = table.get("build-backend", _DEFAULT_BACKEND), table.get("backend-path", [])
    if not isinstance(backend, str) or not isinstance(folders, list) or not all(isinstance(item, str) for item in folders):
        raise FormatError("`[build-system]` of the package's `pyproject.toml` is not as PEP 517 says")
    for folder in folders:
        if not (sources / folder).resolve().is_relative_to(sources.resolve()):
            raise FormatError(f"`backend-path` of the package's `pyproject.toml` leads outside: `{folder}`")
    return BuildSystem(backend, tuple(folders))


def _sources(plan: BuildPlan, root: Path) -> Path:
    given, folder = root / plan.source, root / "source"
    if given.is_dir():
        # A build writes among its sources.
        shutil.copytree(given, folder)
    else:
        unpack(given, folder, strip=1)
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | 0o200)
    return folder


def _install(wheels: Sequence[str], site: Path, root: Path) -> None:
    """Install the build requirements, for the interpreter that runs the backend."""
    from installer import install  # noqa: PLC0415 - staged beside this program
    from installer.destinations import SchemeDictionaryDestination  # noqa: PLC0415
    from installer.sources import WheelFile  # noqa: PLC0415

    site.mkdir(parents=True)
    places = {
        "purelib": site,
        "platlib": site,
        "headers": root / "env/include",
        "scripts": root / "env/bin",
        "data": root / "env",
    }
    destination = SchemeDictionaryDestination(
        {name: str(folder) for name, folder in places.items()}, interpreter=f"{root}/env/bin/python3", script_kind="posix"
    )
    for wheel in wheels:
        with WheelFile.open(root / wheel) as source:
            install(source=source, destination=destination, additional_metadata={})


def _environ(plan: BuildPlan, root: Path, site: Path) -> dict[str, str]:
    home, target = _home(plan, root), root / plan.target
    library = target / f"lib/python{plan.version}"
    names = sorted(path.stem for path in library.glob("_sysconfigdata_*.py"))
    if not names:
        raise FormatError("the distribution has no `_sysconfigdata_*.py`, which says how it was built")
    config = root / "env/config"
    described = config / "pkgconfig"
    described.mkdir()
    for name, text in pkg_config(version=plan.version, home=str(home)).items():
        (described / name).write_text(text)
    text = sysconfig_module(name=names[0], folder=str(library), prefix=str(home), pkg_config=str(described))
    (config / f"{SYSCONFIG_MODULE}.py").write_text(text)
    (config / "sitecustomize.py").write_text(_SITE_CUSTOMIZE.format(site=str(site)))
    programs = root / "env/bin"
    programs.mkdir(exist_ok=True)
    for name in ("python", "python3", f"python{plan.version}"):
        script = programs / name
        script.write_text(f'#!/bin/sh\nexec "{root}/{plan.python}/bin/python{plan.version}" "$@"\n')
        script.chmod(0o755)
    return variables(
        root=str(root),
        home=str(home),
        python=sys.executable,
        folders=(f"{root}/env/bin", f"{root}/native/bin", f"{root}/toolchain/bin"),
        libraries=[f"{root}/{library}" for library in plan.libraries],
        given=plan.env,
        environ=os.environ,
    )


def _home(plan: BuildPlan, root: Path) -> Path:
    """The prefix of the interpreter, with the headers of the distribution that is built for."""
    if plan.python == plan.target:
        return root / plan.python
    home = root / "env/home"
    home.mkdir()
    for name in ("bin", "lib"):
        (home / name).symlink_to(root / plan.python / name)
    (home / "include").symlink_to(root / plan.target / "include")
    return home


def _settings(plan: BuildPlan, root: Path) -> dict[str, Any]:
    def placed(value: str) -> str:
        return value.replace("{root}", str(root))

    return {
        name: placed(value) if isinstance(value, str) else [placed(item) for item in value]
        for name, value in plan.config_settings.items()
    }


def _check_requirements(plan: BuildPlan, wanted: object, site: Path) -> None:
    """Raise ActionError if the backend asks for something that is not installed: the lock has what files say, no more."""
    if not isinstance(wanted, list) or not all(isinstance(item, str) for item in wanted):
        return
    here = {re.split(r"-[0-9]", path.name)[0].replace("_", "-").lower() for path in site.glob("*.dist-info")}
    missing = [item for item in wanted if _is_wanted(plan, item) and _name(item) not in here]
    if missing:
        raise ActionError(
            f"the backend of `{plan.requirement}` asks for {', '.join(f'`{item}`' for item in missing)} as well",
            hint="add it to the package's `build_requires`, and run `staticbuild lock`",
        )


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", requirement.strip(), maxsplit=1)[0]).lower()


def _is_wanted(plan: BuildPlan, requirement: str) -> bool:
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 - staged beside this program

    try:
        marker = Requirement(requirement).marker
    except InvalidRequirement:
        return True
    here = {"python_version": plan.version, "python_full_version": f"{plan.version}.0", "sys_platform": "linux"}
    return marker is None or marker.evaluate(here)


def _wheel(plan: BuildPlan, folder: Path, name: object) -> Path:
    if not isinstance(name, str) or "/" in name or not (folder / name).is_file():
        raise ActionError(f"the backend of `{plan.requirement}` says that it made the wheel `{name}`, which is not there")
    return folder / name


def _harvest(plan: BuildPlan, wheel: Path) -> Harvest:
    patterns = [re.compile(fnmatch.translate(pattern)) for pattern in plan.exclude]
    return harvest(wheel.read_bytes(), plan.requirement, lambda path: any(pattern.match(path) for pattern in patterns))


def _write(plan: BuildPlan, result: Harvest, output: Path) -> None:
    for path, data in result.objects.items():
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        (output / path).write_bytes(data)
    (output / WHEEL).mkdir(parents=True, exist_ok=True)
    (output / WHEEL / wheel_name(plan.requirement)).write_bytes(result.wheel)
    description = {"requirement": plan.requirement, "extensions": [asdict(item) for item in result.extensions]}
    (output / DESCRIPTION).write_text(json.dumps(description, indent=1, sort_keys=True) + "\n")
    for library in plan.libraries:
        for text in sorted(Path(library, "licenses").glob("*")):
            (output / "licenses").mkdir(exist_ok=True)
            shutil.copyfile(text, output / "licenses" / text.name)


def _run(argv: Sequence[str], folder: Path, environ: Mapping[str, str], log: TextIO) -> tuple[int, list[str]]:
    """Run a command, whose output goes to `log`; returns its exit code and the end of what it printed."""
    reading, writing = os.pipe()
    process = subprocess.Popen(  # noqa: S603 - what the plan pins
        argv, cwd=folder, env=dict(environ), stdin=subprocess.DEVNULL, stdout=writing, stderr=writing
    )
    os.close(writing)
    lines: list[str] = []
    for raw in os.fdopen(reading, "rb"):
        line = raw.decode("utf-8", "replace")
        log.write(line)
        lines.append(line.rstrip())
        if len(lines) > 2 * _LINES_KEPT:
            del lines[:_LINES_KEPT]
    log.flush()
    return process.wait(), lines[-_LINES_KEPT:]
