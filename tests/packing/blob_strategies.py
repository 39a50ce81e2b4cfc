"""Resources of every shape, for properties."""

from __future__ import annotations

from hypothesis import strategies as st

from staticbuild.packing import resource
from staticbuild.packing.resource import File, Location, LocationKind, Module, ModuleKind, Resources

_NAMES = st.text(st.sampled_from("abz_09é-"), min_size=1, max_size=4)
_DATA = st.binary(max_size=40)


@st.composite
def modules(draw: st.DrawFn, top: str) -> Module:
    """A module whose name and path begin with `top`."""
    name = ".".join([top, *draw(st.lists(_NAMES, max_size=2))])
    kind = draw(st.sampled_from(ModuleKind))
    folder = "lib/" + name.replace(".", "/")
    if kind is ModuleKind.NAMESPACE:
        return Module(name, kind, portions=tuple(draw(st.lists(_NAMES, min_size=1, max_size=3, unique=True))))
    path = folder + ("/__init__.py" if kind is ModuleKind.PACKAGE else ".py")
    portions = (folder,) if kind is ModuleKind.PACKAGE else ()
    if draw(st.booleans()):
        return Module(name, kind, path.removesuffix(".py") + ".so", draw(_DATA), None, portions, native=True)
    return Module(name, kind, path, draw(st.none() | _DATA), draw(st.none() | _DATA), portions)


@st.composite
def files(draw: st.DrawFn) -> File:
    """A data file, or metadata of a project."""
    name = draw(_NAMES)
    path = draw(st.sampled_from([f"data/{name}", f"app/{name}-1.0.dist-info/METADATA", f"{name}.egg-info/PKG-INFO"]))
    return File(path, draw(_DATA), draw(st.booleans()))


@st.composite
def resources(draw: st.DrawFn) -> Resources:
    """A sound set of resources."""
    tops = draw(st.lists(st.integers(0, 9), max_size=6, unique=True))
    found = draw(st.lists(files(), max_size=6, unique_by=lambda file: file.path))
    settings = draw(st.dictionaries(_NAMES, st.text(st.characters(codec="utf-8"), max_size=6), max_size=4))
    given = [draw(modules(f"m{top}")) for top in tops]
    return resource.collect(given, found, settings, draw(locations(given, found)))


@st.composite
def locations(draw: st.DrawFn, given: list[Module], found: list[File]) -> list[Location]:
    """Some of the files that can be read, in up to three locations."""
    paths = [module.path for module in given if module.source is not None] + [file.path for file in found]
    places = {path: draw(st.integers(0, 3)) for path in paths}
    return [
        Location(draw(_NAMES), draw(st.sampled_from(LocationKind)), f"folder{number}", tuple(members))
        for number in range(1, 4)
        if (members := [path for path, place in places.items() if place == number])
    ]
