"""What of an executable's resources is taken, and how: values of the attributes of `python_executable`. Knows no Starlark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from staticbuild.config.pyoxidizer.facts import Item
from staticbuild.config.pyoxidizer.origins import Origin, installed_path
from staticbuild.config.pyoxidizer.policy import RELATIVE, PythonPackagingPolicy, Resource


def is_wanted(resource: Resource) -> bool:
    """Whether a resource that was added is to come along."""
    return resource.item.kind == "extension" or bool(resource.value("add_include"))


def is_visible(item: Item, origin: Origin) -> bool:
    """Whether the config could have added the item: one that no package holds never comes as a resource."""
    if item.kind != "file":
        return True
    path = installed_path(item)
    packages = origin.packages()
    folders = path.split("/")[:-1]
    return any(".".join(folders[:size]) in packages for size in range(1, len(folders) + 1)) or ".dist-info/" in path


def is_needed(name: str) -> bool:
    """Whether CPython's own start imports a module, so that nothing runs without it."""
    return name.partition(".")[0] in {"encodings", "codecs", "io", "abc", "_staticbuild_support"}


def locations_of(taken: Sequence[Resource], default: str) -> dict[str, str]:
    """Which packages are beside the executable: those of which any resource is."""
    beside: dict[str, None] = {}
    inside: dict[str, None] = {}
    for resource in taken:
        package = _package_of(resource)
        if package is not None:
            chosen = beside if str(resource.value("add_location")).startswith(RELATIVE) else inside
            chosen[package] = None
    tops = {name.partition(".")[0] for name in beside}
    if beside and not any(name not in beside for name in inside) and default.startswith(RELATIVE):
        return {"*": "beside"}
    whole = {top for top in tops if not any(name.partition(".")[0] == top and name not in beside for name in inside)}
    names = {name.partition(".")[0] if name.partition(".")[0] in whole else name for name in beside}
    return dict.fromkeys(sorted(names), "beside")


def _package_of(resource: Resource) -> str | None:
    """The package that a resource is, or lies in: metadata is in none; an extension is linked in, wherever its package is."""
    item = resource.item
    if item.kind == "package":
        return item.name
    if item.kind == "module":
        return item.name.rpartition(".")[0] or item.name
    package = resource.values.get("package") if resource.type == "PythonPackageResource" else None
    return None if package is None else str(package)


def folder_of(locations: Iterable[str]) -> str | None:
    """The folder that `filesystem-relative` locations name: the most frequent one."""
    folders = [each.removeprefix(RELATIVE).strip("/") for each in locations if each.startswith(RELATIVE)]
    return max(folders, key=folders.count) if folders else None


def bare_sources(
    taken: Sequence[Resource], standard: Sequence[Resource] | None, policy: PythonPackagingPolicy
) -> Iterable[str]:
    """The paths of sources that are left out; `stdlib` and `*` stand for all of the standard library, and all others."""
    if standard is None:
        if not policy.value("include_distribution_sources"):
            yield "stdlib"
    else:
        yield from (each.item.path for each in standard if each.type == "PythonModuleSource" and not each.value("add_source"))
    sources = [each for each in taken if each.type == "PythonModuleSource"]
    bare = [each for each in sources if not each.value("add_source")]
    if sources and len(bare) == len(sources):
        yield "*"
    else:
        yield from (each.item.path for each in bare)
