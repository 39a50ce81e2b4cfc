"""Where resources come from: packages of an index, folders, virtual environments. Knows no executable."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from staticbuild.config.pyoxidizer import pip
from staticbuild.config.pyoxidizer.facts import ListFiles
from staticbuild.config.pyoxidizer.model import DialectError, Request
from staticbuild.config.pyoxidizer.origins import Origin, resources_of
from staticbuild.config.pyoxidizer.policy import PythonPackagingPolicy, Resource

if TYPE_CHECKING:
    from staticbuild.config.pyoxidizer.evaluation import Evaluation
    from staticbuild.config.schema import Plain
    from staticbuild.graph.label import Label

Resources = Generator[Request, object, list[Resource]]

# What is in a virtual environment for its own sake.
_NOT_OF_A_PROGRAM: Final = ("**/*.pth", "pip/**", "pip-*.dist-info/**", "_virtualenv.py")


@dataclass(frozen=True, slots=True)
class Reading:
    """For whom resources are read: a distribution, under a policy. `name` is that of the native target they come from."""

    run: Evaluation
    dist: Label
    policy: PythonPackagingPolicy
    name: str

    def packages(self, args: Sequence[str], extra_envs: Mapping[str, str] | None) -> Resources:
        """What a call of pip with `args` would install."""
        return (yield from self._packages(pip.read(args), extra_envs))

    def project(self, path: str, extra_envs: Mapping[str, str] | None) -> Resources:
        """What the project in the folder `path` installs."""
        return (yield from self._packages(pip.Asked(projects=(path,)), extra_envs))

    def package_root(self, path: str, packages: Sequence[str]) -> Resources:
        """The named packages and modules in the folder `path`."""
        only: list[str] = []
        for package in packages:
            below = package.replace(".", "/")
            only += [f"{below}/**", f"{below}.py"]
        attributes: dict[str, Plain] = {"package_roots": [self._root(path)], "only": cast("Plain", only)}
        return (yield from self._declared("root", attributes))

    def virtualenv(self, path: str) -> Resources:
        """What is installed in the virtual environment `path`."""
        run = self.run
        found = run.world.ask(ListFiles((run.full_path(f"{path}/lib/python3.*/site-packages/**"),)))
        if not found:
            raise DialectError(f"`{path}` is no virtual environment: it has no `lib/python3.…/site-packages` with files")
        folder = found[0].partition("/site-packages/")[0] + "/site-packages"
        attributes: dict[str, Plain] = {
            "package_roots": [self._root(folder)],
            "exclude": cast("Plain", list(_NOT_OF_A_PROGRAM)),
        }
        return (yield from self._declared("root", attributes))

    def _root(self, path: str) -> str:
        """A folder as `python_resources` takes it."""
        inner = self.run.inner_path(path)
        return inner if inner is not None else self.run.full_path(path)

    def _packages(self, asked: pip.Asked, extra_envs: Mapping[str, str] | None) -> Resources:
        for text in asked.remarks:
            self.run.remark(text)
        if extra_envs:
            self.run.remark("`extra_envs` have no effect: environment variables of builds are in the table of packages")
        requirements = [self._requirement(each) for each in asked.requirements]
        requirements += [self._project(each) for each in asked.projects]
        if asked.constraints:
            shown = ", ".join(f"`{each}`" for each in asked.constraints)
            self.run.remark(f"the constraints {shown} have no effect: name them with `-c` in a requirements file")
        if not requirements:
            return []
        return (yield from self._declared("packages", {"requirements": cast("Plain", requirements)}))

    def _requirement(self, text: str) -> str:
        """A requirement as `python_resources` takes it: files relative to the config's folder."""
        inner = self.run.inner_path(text) if text.endswith((".txt", ".in")) else None
        return inner if inner is not None else text

    def _project(self, text: str) -> str:
        """A project or archive on disk as `python_resources` takes it: a path that says that it is one."""
        path, bracket, extras = text.partition("[")
        inner = self.run.inner_path(path)
        place = self.run.full_path(path) if inner is None else inner if inner == "." else f"./{inner}"
        return f"{place}{bracket}{extras}"

    def _declared(self, kind: str, attributes: Mapping[str, Plain]) -> Resources:
        label = self.run.declare("python_resources", self.name, attributes)
        origin = Origin(label, self.dist, "packages" if kind == "packages" else "root", self.run)
        return (yield from resources_of(origin, origin.load(), self.policy))
