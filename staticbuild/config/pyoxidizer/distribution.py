"""`PythonDistribution`: which Python an executable is made of. Knows nothing of what goes into one."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Final

from staticbuild.config.pyoxidizer.executable import PythonExecutable
from staticbuild.config.pyoxidizer.interpreter import PythonInterpreterConfig
from staticbuild.config.pyoxidizer.model import (
    BOOL,
    STR,
    STRING_DICT,
    STRINGS,
    Choice,
    DialectError,
    Maybe,
    Parameter,
    Part,
    Request,
    Thing,
    method,
    thing,
)
from staticbuild.config.pyoxidizer.origins import Origin, resources_of
from staticbuild.config.pyoxidizer.policy import PythonPackagingPolicy, Resource
from staticbuild.config.pyoxidizer.reading import Reading

if TYPE_CHECKING:
    from staticbuild.config.pyoxidizer.evaluation import Evaluation
    from staticbuild.config.schema import Plain
    from staticbuild.graph.label import Label

_FLAVORS: Final = ("standalone", "standalone_static", "standalone_dynamic")
# Versions that PyOxidizer had, and the oldest that there is now, which is nearest to them.
_OLD: Final = {"3.7": "3.11", "3.8": "3.11", "3.9": "3.11", "3.10": "3.11"}


class PythonDistribution(Thing):
    """A Python: interpreter, extension modules and standard library."""

    def __init__(self, flavor: str, version: str | None = None, origin: Mapping[str, Plain] | None = None) -> None:
        super().__init__()
        self.flavor = flavor
        self.version = version
        self.origin = dict(origin or {})

    def label(self, run: Evaluation) -> Label:
        """The native target, declared when it is first wanted."""
        is_static = run.world.triple.endswith("-musl")
        if self.flavor == "standalone_static" and not is_static:
            raise DialectError(
                f"there is no distribution of the flavor `standalone_static` for `{run.world.triple}`",
                "build with `--target x86_64-unknown-linux-musl`",
            )
        if self.flavor == "standalone_dynamic" and is_static:
            raise DialectError(
                f"there is no distribution of the flavor `standalone_dynamic` for `{run.world.triple}`",
                "build with `--target x86_64-unknown-linux-gnu`",
            )
        attributes: dict[str, Plain] = {"flavor": "standalone_static" if is_static else "standalone_dynamic", **self.origin}
        if self.version is not None:
            attributes["python_version"] = self.version
        key = ("dist", *sorted(attributes.items(), key=str))
        if key not in run.known:
            run.known[key] = run.declare("make_dist", "dist", attributes)
        found: Label = run.known[key]
        return found

    @method()
    def python_resources(self, run: Evaluation) -> Generator[Request, object, list[Resource]]:
        """The resources of the standard library, with the attributes that the default policy gives them."""
        label = self.label(run)
        origin = Origin(label, label, "stdlib", run)
        return (yield from resources_of(origin, origin.load(), PythonPackagingPolicy()))

    @method()
    def make_python_interpreter_config(self, run: Evaluation) -> PythonInterpreterConfig:
        """A configuration with the defaults."""
        del run
        return PythonInterpreterConfig()

    @method()
    def make_python_packaging_policy(self, run: Evaluation) -> PythonPackagingPolicy:
        """A policy with the defaults."""
        del run
        return PythonPackagingPolicy()

    @method(
        Parameter("name", STR),
        Parameter("packaging_policy", Maybe(thing("PythonPackagingPolicy")), None),
        Parameter("config", Maybe(thing("PythonInterpreterConfig")), None),
        Parameter("resources_policy", Maybe(STR), None),
        Parameter("extension_module_filter", Maybe(STR), None),
        Parameter("include_sources", Maybe(BOOL), None),
        Parameter("include_resources", Maybe(BOOL), None),
        Parameter("include_test", Maybe(BOOL), None),
        Parameter("preferred_extension_module_variants", Maybe(STRING_DICT), None),
    )
    def to_python_executable(  # noqa: PLR0913 - the dialect's own
        self,
        run: Evaluation,
        *,
        name: str,
        packaging_policy: PythonPackagingPolicy | None,
        config: PythonInterpreterConfig | None,
        resources_policy: str | None,
        extension_module_filter: str | None,
        include_sources: bool | None,
        include_resources: bool | None,
        include_test: bool | None,
        preferred_extension_module_variants: Mapping[str, str] | None,
    ) -> Generator[Request, object, PythonExecutable]:
        """An executable with the standard library, as the policy wants it. Arguments behind `config` are of old versions."""
        policy = (packaging_policy or PythonPackagingPolicy()).copy()
        legacy = {
            "extension_module_filter": extension_module_filter,
            "include_distribution_sources": include_sources,
            "include_distribution_resources": include_resources,
            "include_test": include_test,
            **_legacy_location(resources_policy),
        }
        given = {key: value for key, value in legacy.items() if value is not None}
        if given or preferred_extension_module_variants:
            run.deprecated(
                "an argument of `to_python_executable` for resources", "`make_python_packaging_policy()` has the attributes now"
            )
        for key, value in given.items():
            policy.assign(key, value)
        executable = PythonExecutable(self, name, policy, (config or PythonInterpreterConfig()).copy(), run.active)
        executable.dist_label = self.label(run)
        if policy.callbacks:
            standard = Origin(executable.dist_label, executable.dist_label, "stdlib", run, bool(policy.value("include_test")))
            resources = yield from resources_of(standard, standard.load(), policy)
            executable.standard = resources
        return executable

    # --- of old versions ---

    @method(Parameter("args", STRINGS), Parameter("extra_envs", Maybe(STRING_DICT), None))
    def pip_install(
        self, run: Evaluation, *, args: list[str], extra_envs: Mapping[str, str] | None
    ) -> Generator[Request, object, list[Resource]]:
        """Of PyOxidizer before 0.8; now a method of `PythonExecutable`."""
        run.deprecated("`PythonDistribution.pip_install`", "it is a method of the executable now")
        return (yield from Reading(run, self.label(run), PythonPackagingPolicy(), "pip").packages(args, extra_envs))

    @method(Parameter("path", STR), Parameter("packages", STRINGS))
    def read_package_root(
        self, run: Evaluation, *, path: str, packages: list[str]
    ) -> Generator[Request, object, list[Resource]]:
        """Of PyOxidizer before 0.8; now a method of `PythonExecutable`."""
        run.deprecated("`PythonDistribution.read_package_root`", "it is a method of the executable now")
        return (yield from Reading(run, self.label(run), PythonPackagingPolicy(), "root").package_root(path, packages))


def _legacy_location(text: str | None) -> dict[str, object]:
    """`prefer-in-memory-fallback-filesystem-relative:lib` as the attributes that there are now."""
    if text is None:
        return {}
    preferred, _, fallback = text.replace("-only", "").removeprefix("prefer-").partition("-fallback-")
    return {"resources_location": preferred, **({"resources_location_fallback": fallback} if fallback else {})}


# --- functions ---


@method(
    Parameter("flavor", Choice(_FLAVORS), "standalone"),
    Parameter("build_target", Maybe(STR), None),
    Parameter("python_version", Maybe(STR), None),
)
def default_python_distribution(
    run: Evaluation, *, flavor: str, build_target: str | None, python_version: str | None
) -> PythonDistribution:
    """A distribution that staticbuild builds itself; nothing is made before it is needed."""
    if build_target is not None and build_target != run.world.triple:
        raise DialectError(
            f"`build_target` is `{build_target}`, and the build is for `{run.world.triple}`",
            f"build with `--target {build_target}`",
            Part("build_target", 1),
        )
    if python_version in _OLD:
        run.remark(f"Python {python_version} is not maintained any more; Python {_OLD[python_version]} takes its place")
        python_version = _OLD[python_version]
    return PythonDistribution(flavor, python_version)


@method(
    Parameter("sha256", STR),
    Parameter("local_path", Maybe(STR), None),
    Parameter("url", Maybe(STR), None),
    Parameter("flavor", STR, "standalone"),
    Parameter("python_version", Maybe(STR), None),
)
def python_distribution(  # noqa: PLR0913 - the dialect's own
    run: Evaluation, *, sha256: str, local_path: str | None, url: str | None, flavor: str, python_version: str | None
) -> PythonDistribution:
    """A distribution archive of python-build-standalone, in format 7 or 8."""
    if (local_path is None) == (url is None):
        raise DialectError("`PythonDistribution` wants one of `local_path` and `url`")
    place = url or local_path or ""
    version = python_version or next(iter(re.findall(r"cpython-(3\.[0-9]+)", place)), None)
    if url is not None:
        return PythonDistribution(flavor, version, {"url": url, "sha256": sha256})
    inner = run.inner_path(place)
    return PythonDistribution(flavor, version, {"path": inner if inner is not None else place})
