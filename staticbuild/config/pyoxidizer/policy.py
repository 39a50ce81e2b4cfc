"""`PythonPackagingPolicy` and the resources that it decides about. Knows nothing of where resources come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from staticbuild.config.pyoxidizer.facts import SourceText
from staticbuild.config.pyoxidizer.model import (
    BOOL,
    FUNCTION,
    STR,
    STRING_DICT,
    Choice,
    DialectError,
    Function,
    Maybe,
    Parameter,
    Pattern,
    Property,
    Status,
    Thing,
    method,
)

if TYPE_CHECKING:
    from staticbuild.config.pyoxidizer.evaluation import Evaluation
    from staticbuild.config.pyoxidizer.facts import Item
    from staticbuild.config.pyoxidizer.origins import Origin

IN_MEMORY: Final = "in-memory"
RELATIVE: Final = "filesystem-relative:"
_WORDS: Final = '`"in-memory"` or `"filesystem-relative:FOLDER"`'
LOCATION: Final = Pattern(_WORDS, r"in-memory|filesystem-relative:.+")
FALLBACK: Final = Maybe(Pattern(f'{_WORDS} or `"default"`', r"default|in-memory|filesystem-relative:.+"))
FILTERS: Final = ("minimal", "all", "no-libraries", "no-copyleft")
_ONE_LEVEL: Final = (
    "bytecode of one level is carried, that of the configuration's `optimization_level`; code of other levels is compiled "
    "when it is imported"
)
_ALL_IN_MEMORY: Final = "everything can be loaded from memory here, so that the fallback is for files of packages that insist"


class PythonPackagingPolicy(Thing):
    """Which resources an executable has, and where they are while it runs."""

    properties = (
        Property("allow_files", BOOL, False, "Whether `File`s may be added."),
        Property(
            "allow_in_memory_shared_library_loading",
            BOOL,
            False,
            "Whether shared libraries may be loaded from memory.",
            Status.CHANGED,
            "this is for Windows; elsewhere it has no effect, as before",
        ),
        Property("bytecode_optimize_level_zero", BOOL, True, "Whether modules bring bytecode of level 0.", note=_ONE_LEVEL),
        Property("bytecode_optimize_level_one", BOOL, False, "Whether modules bring bytecode of level 1.", note=_ONE_LEVEL),
        Property("bytecode_optimize_level_two", BOOL, False, "Whether modules bring bytecode of level 2.", note=_ONE_LEVEL),
        Property("extension_module_filter", Choice(FILTERS), "all", "Which of the distribution's extension modules come."),
        Property("file_scanner_classify_files", BOOL, True, "Whether what is read comes as typed resources."),
        Property("file_scanner_emit_files", BOOL, False, "Whether what is read comes as `File`s."),
        Property("include_classified_resources", BOOL, True, "Whether typed resources are added unless they say otherwise."),
        Property("include_file_resources", BOOL, False, "Whether `File`s are added unless they say otherwise."),
        Property("include_distribution_sources", BOOL, True, "Whether the standard library's sources come, or bytecode only."),
        Property("include_non_distribution_sources", BOOL, True, "Whether sources of packages come, or bytecode only."),
        Property("include_distribution_resources", BOOL, False, "Whether the standard library's data files come."),
        Property("include_test", BOOL, False, "Whether the standard library's tests come."),
        Property("resources_location", LOCATION, IN_MEMORY, "Where resources are while the program runs."),
        Property(
            "resources_location_fallback",
            FALLBACK,
            None,
            "Where those are that cannot be loaded from there.",
            note=_ALL_IN_MEMORY,
        ),
        Property(
            "preferred_extension_module_variants",
            STRING_DICT,
            None,
            "Which variants of extension modules are chosen.",
            writable=False,
        ),
    )

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.values.setdefault("preferred_extension_module_variants", {})
        self.callbacks: list[Function] = []

    def copy(self) -> PythonPackagingPolicy:
        """A policy of the same values: an executable keeps the one that it was made with."""
        copied = PythonPackagingPolicy(**self.values)
        copied.callbacks = list(self.callbacks)
        return copied

    @method(Parameter("func", FUNCTION))
    def register_resource_callback(self, run: Evaluation, *, func: Function) -> None:
        """Has `func(policy, resource)` called with each resource that is made, after its attributes have got their defaults."""
        del run
        self.callbacks.append(func)

    @method(
        Parameter("name", STR),
        Parameter("value", STR),
        status=Status.CHANGED,
        note="the distributions here have one variant of each extension module; another one is not chosen",
    )
    def set_preferred_extension_module_variant(self, run: Evaluation, *, name: str, value: str) -> None:
        """Chooses a variant of an extension module, such as `libedit` of `readline`."""
        del run
        variants = self.values["preferred_extension_module_variants"]
        assert isinstance(variants, dict)  # noqa: S101
        self.values["preferred_extension_module_variants"] = {**variants, name: value}

    @method(Parameter("mode", Choice(("classify", "files"))))
    def set_resource_handling_mode(self, run: Evaluation, *, mode: str) -> None:
        """Sets the attributes for typed resources (`classify`), or for plain files beside the executable (`files`)."""
        del run
        files = mode == "files"
        self.values.update(
            file_scanner_emit_files=files,
            file_scanner_classify_files=not files,
            allow_files=files,
            include_file_resources=files,
            include_classified_resources=True,
        )


def _adds() -> tuple[Property, ...]:
    return (
        Property("add_include", BOOL, True, "Whether it is added."),
        Property("add_location", LOCATION, IN_MEMORY, "Where it is while the program runs."),
        Property(
            "add_location_fallback", FALLBACK, None, "Where it is if it cannot be loaded from there.", note=_ALL_IN_MEMORY
        ),
        Property("add_source", BOOL, True, "Whether its source comes, or bytecode only."),
        Property("add_bytecode_optimization_level_zero", BOOL, True, "Whether bytecode of level 0 comes.", note=_ONE_LEVEL),
        Property("add_bytecode_optimization_level_one", BOOL, False, "Whether bytecode of level 1 comes.", note=_ONE_LEVEL),
        Property("add_bytecode_optimization_level_two", BOOL, False, "Whether bytecode of level 2 comes.", note=_ONE_LEVEL),
    )


_IS_STDLIB: Final = Property("is_stdlib", BOOL, False, "Whether it is the standard library's.", writable=False)


class Resource(Thing):
    """A resource. `origin` is where it came from, `item` what it is there; its attributes say how it is to be added."""

    def __init__(self, origin: Origin, item: Item, **values: object) -> None:
        super().__init__(**values)
        self.origin = origin
        self.item = item

    def __repr__(self) -> str:
        return f"{self.type}<name={self.item.name}>"


class PythonModuleSource(Resource):
    """A module, by its source."""

    properties = (
        Property("name", STR, "", "The dotted name.", writable=False),
        Property("is_package", BOOL, False, "Whether it is a package.", writable=False),
        Property("source", STR, "", "The source, read when it is asked for.", writable=False),
        _IS_STDLIB,
        *_adds(),
    )

    def read(self, name: str) -> object:
        """As for all objects; the source is fetched when it is first wanted."""
        if name == "source" and "source" not in self.values:
            origin = self.origin
            self.values["source"] = origin.ask(
                SourceText(origin.known(), origin.of, origin.dist, self.item.path, origin.include_test)
            )
        return super().read(name)


class PythonPackageResource(Resource):
    """A data file of a package."""

    properties = (
        Property("package", STR, "", "The innermost package that it lies in.", writable=False),
        Property("name", STR, "", "Its path below that package.", writable=False),
        _IS_STDLIB,
        *_adds(),
    )


class PythonPackageDistributionResource(Resource):
    """A file of the metadata of an installed project."""

    properties = (
        Property("package", STR, "", "The project's name.", writable=False),
        Property("name", STR, "", "The file's name.", writable=False),
        _IS_STDLIB,
        *_adds(),
    )


class PythonExtensionModule(Resource):
    """A module written in C."""

    properties = (
        Property("name", STR, "", "The dotted name.", writable=False),
        _IS_STDLIB,
        *(each for each in _adds() if each.name != "add_include"),
        Property(
            "add_include",
            BOOL,
            False,
            "Has no effect, as before: `extension_module_filter` decides.",
        ),
    )


class File(Resource):
    """A file that is not looked into."""

    properties = (
        Property("path", STR, "", "Its path where packages are installed.", writable=False),
        Property("is_executable", BOOL, False, "Whether it can be run.", writable=False),
        *_adds(),
    )


def add_values(policy: PythonPackagingPolicy, *, is_standard: bool) -> dict[str, object]:
    """The attributes of a new typed resource; `add_include` is left to the caller."""
    sources = "include_distribution_sources" if is_standard else "include_non_distribution_sources"
    return {
        "add_include": policy.value("include_classified_resources"),
        "add_location": policy.value("resources_location"),
        "add_location_fallback": policy.value("resources_location_fallback"),
        "add_source": policy.value(sources),
        "add_bytecode_optimization_level_zero": policy.value("bytecode_optimize_level_zero"),
        "add_bytecode_optimization_level_one": policy.value("bytecode_optimize_level_one"),
        "add_bytecode_optimization_level_two": policy.value("bytecode_optimize_level_two"),
    }


def check_resource(policy: PythonPackagingPolicy, resource: Resource) -> None:
    """Raise DialectError if `policy` does not let the resource be added."""
    if isinstance(resource, File) and resource.value("add_include") and not policy.value("allow_files"):
        raise DialectError(
            f"`{resource.item.path}` is a `File`, which the packaging policy does not allow",
            'call `policy.set_resource_handling_mode("files")`, or set `policy.allow_files = True`',
        )


PREFERRED: Final = STRING_DICT
