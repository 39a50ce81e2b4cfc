"""`PythonExecutable`: what it is made of, and the native target that it becomes. Knows nothing of where resources come from."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from staticbuild.config.pyoxidizer.facts import Item, ListFiles, ReadText
from staticbuild.config.pyoxidizer.files import FileManifest, ResolvedTarget, clean_name
from staticbuild.config.pyoxidizer.interpreter import PythonInterpreterConfig
from staticbuild.config.pyoxidizer.model import (
    BOOL,
    FUNCTION,
    STR,
    STRING_DICT,
    STRINGS,
    Choice,
    DialectError,
    Function,
    ListOf,
    Maybe,
    Parameter,
    Pattern,
    Property,
    Request,
    Status,
    Thing,
    method,
    thing,
)
from staticbuild.config.pyoxidizer.origins import Origin, resources_of
from staticbuild.config.pyoxidizer.policy import IN_MEMORY, RELATIVE, File, PythonPackagingPolicy, Resource, check_resource
from staticbuild.config.pyoxidizer.reading import Reading
from staticbuild.config.pyoxidizer.selection import bare_sources, folder_of, is_needed, is_visible, is_wanted, locations_of
from staticbuild.config.pyoxidizer.wix import WiXBundleBuilder, WiXMSIBuilder

if TYPE_CHECKING:
    from staticbuild.config.pyoxidizer.distribution import PythonDistribution
    from staticbuild.config.pyoxidizer.evaluation import Evaluation
    from staticbuild.config.schema import Plain
    from staticbuild.graph.label import Label

RESOURCES: Final = thing(
    "PythonModuleSource", "PythonPackageResource", "PythonPackageDistributionResource", "PythonExtensionModule", "File"
)


class PythonExecutable(Thing):
    """A program: a distribution, resources and a configuration, which become one file and what lies beside it."""

    properties = (
        Property("licenses_filename", Maybe(STR), "COPYING.txt", "The file for the licences of all that is inside, beside it."),
        Property(
            "packed_resources_load_mode",
            Pattern(
                '`"none"`, `"embedded:FILE"` or `"binary-relative-memory-mapped:FILE"`',
                r"none|embedded:.+|binary-relative-memory-mapped:.+",
            ),
            "embedded:packed-resources",
            "Where the packed resources are.",
            Status.CHANGED,
            "they are always inside of the executable, from where they are mapped",
        ),
        Property(
            "tcl_files_path",
            Maybe(STR),
            None,
            "The folder beside it for Tcl's files.",
            Status.CHANGED,
            "the distributions here have no Tcl, so that `tkinter` is not there",
        ),
        Property(
            "windows_runtime_dlls_mode",
            Choice(("never", "when-present", "always")),
            "when-present",
            "Whether Windows' runtime libraries come along.",
        ),
        Property("windows_subsystem", STR, "console", "The subsystem of a program for Windows."),
    )

    def __init__(
        self,
        dist: PythonDistribution,
        name: str,
        policy: PythonPackagingPolicy,
        config: PythonInterpreterConfig,
        home: str | None,
    ) -> None:
        super().__init__()
        self.dist = dist
        self.name = name
        self.policy = policy
        self.config = config
        self.home = home
        self.dist_label: Label = cast("Label", None)
        self.standard: list[Resource] | None = None
        self.added: list[Resource] = []
        self.wanted_names: frozenset[str] | None = None

    def __repr__(self) -> str:
        return f"PythonExecutable<name={self.name}>"

    # --- resources ---

    @method(Parameter("name", STR), Parameter("source", STR), Parameter("is_package", BOOL, False))
    def make_python_module_source(
        self, run: Evaluation, *, name: str, source: str, is_package: bool
    ) -> Generator[Request, object, Resource]:
        """A module of the given source."""
        path = name.replace(".", "/") + ("/__init__.py" if is_package else ".py")
        label = run.declare("python_resources", self._inner_name(name), {"contents": {path: source}})
        origin = Origin(label, self.dist_label, "source", run)
        item = Item("package" if is_package else "module", name, path)
        origin.items = (item,)
        made = yield from resources_of(origin, [item], self.policy)
        made[0].values["source"] = source
        return made[0]

    @method(Parameter("args", STRINGS), Parameter("extra_envs", Maybe(STRING_DICT), None))
    def pip_install(
        self, run: Evaluation, *, args: list[str], extra_envs: Mapping[str, str] | None
    ) -> Generator[Request, object, list[Resource]]:
        """The resources of packages, with all that they require. Their versions are pinned in `staticbuild.lock`."""
        return (yield from self._reading(run, "pip").packages(args, extra_envs))

    @method(Parameter("args", STRINGS))
    def pip_download(self, run: Evaluation, *, args: list[str]) -> Generator[Request, object, list[Resource]]:
        """The same as `pip_install`: wheels where there are fitting ones."""
        return (yield from self._reading(run, "pip").packages(args, None))

    @method(Parameter("path", STR), Parameter("packages", STRINGS))
    def read_package_root(
        self, run: Evaluation, *, path: str, packages: list[str]
    ) -> Generator[Request, object, list[Resource]]:
        """The resources of the named packages and modules in a folder."""
        return (yield from self._reading(run, "root").package_root(path, packages))

    @method(Parameter("path", STR))
    def read_virtualenv(self, run: Evaluation, *, path: str) -> Generator[Request, object, list[Resource]]:
        """The resources that are installed in a virtual environment."""
        return (yield from self._reading(run, "virtualenv").virtualenv(path))

    @method(
        Parameter("package_path", STR),
        Parameter("extra_envs", Maybe(STRING_DICT), None),
        Parameter("extra_global_arguments", Maybe(STRINGS), None),
    )
    def setup_py_install(
        self,
        run: Evaluation,
        *,
        package_path: str,
        extra_envs: Mapping[str, str] | None,
        extra_global_arguments: list[str] | None,
    ) -> Generator[Request, object, list[Resource]]:
        """The resources of a project on disk, built by its own build backend."""
        if extra_global_arguments:
            run.remark("`extra_global_arguments` have no effect: a project is built by its own build backend")
        return (yield from self._reading(run, "project").project(package_path, extra_envs))

    @method(Parameter("resource", RESOURCES))
    def add_python_resource(self, run: Evaluation, *, resource: Resource) -> None:
        """Adds one resource, as its attributes say."""
        del run
        check_resource(self.policy, resource)
        self.added.append(resource)

    @method(Parameter("resources", ListOf(RESOURCES)))
    def add_python_resources(self, run: Evaluation, *, resources: list[Resource]) -> None:
        """Adds several resources."""
        del run
        for resource in resources:
            check_resource(self.policy, resource)
        self.added.extend(resources)

    @method(Parameter("resources", ListOf(RESOURCES)))
    def add_in_memory_python_resources(self, run: Evaluation, *, resources: list[Resource]) -> None:
        """Of PyOxidizer before 0.8: adds resources to memory."""
        run.deprecated("`add_in_memory_python_resources`", "`add_python_resources` adds them where their `add_location` says")
        for resource in resources:
            resource.values["add_location"] = IN_MEMORY
        self.added.extend(resources)

    @method(Parameter("prefix", STR), Parameter("resources", ListOf(RESOURCES)))
    def add_filesystem_relative_python_resources(self, run: Evaluation, *, prefix: str, resources: list[Resource]) -> None:
        """Of PyOxidizer before 0.8: adds resources to a folder beside the executable."""
        run.deprecated(
            "`add_filesystem_relative_python_resources`", "`add_python_resources` adds them where their `add_location` says"
        )
        for resource in resources:
            resource.values["add_location"] = RELATIVE + prefix
        self.added.extend(resources)

    @method(
        Parameter("manifest_path", STR),
        Parameter("all_features", BOOL, False),
        Parameter("features", Maybe(STRINGS), None),
        status=Status.CHANGED,
        note="no crate is part of an executable here, so that there is none to name",
    )
    def add_cargo_manifest_licensing(
        self, run: Evaluation, *, manifest_path: str, all_features: bool, features: list[str] | None
    ) -> None:
        """Adds the licences of Rust crates."""
        del run, manifest_path, all_features, features

    @method(Parameter("files", Maybe(STRINGS), None), Parameter("glob_files", Maybe(STRINGS), None))
    def filter_resources_from_files(self, run: Evaluation, *, files: list[str] | None, glob_files: list[str] | None) -> None:
        """Keeps only those resources, of all that were added so far, that are named in files with a name on each line."""
        from_globs = run.world.ask(ListFiles(tuple(run.full_path(each) for each in glob_files))) if glob_files else ()
        names: set[str] = set()
        for path in [*(run.full_path(each) for each in files or ()), *from_globs]:
            text = run.world.ask(ReadText(path))
            if text is None:
                raise DialectError(f"there is no file `{path}`")
            names.update(line for raw in text.splitlines() if (line := raw.partition("#")[0].strip()))
        self.added = [each for each in self.added if each.item.name in names]
        if self.standard is None:
            origin = Origin(self.dist_label, self.dist_label, "stdlib", run, bool(self.policy.value("include_test")))
            made = resources_of(origin, origin.load(), PythonPackagingPolicy(include_distribution_resources=True))
            try:
                next(made)
            except StopIteration as end:
                self.standard = end.value
        for resource in self.standard or ():
            if resource.item.kind != "file" and resource.item.name not in names and not is_needed(resource.item.name):
                resource.values["add_include"] = False

    @method(
        Parameter("path", STR),
        status=Status.REFUSED,
        note="PyOxidizer's documentation has it, and no PyOxidizer had",
    )
    def write_licenses(self, run: Evaluation, *, path: str) -> None:
        """Writes the licences to a file."""

    # --- results ---

    @method()
    def to_embedded_resources(self, run: Evaluation) -> PythonEmbeddedResources:
        """The artifacts that a Rust program needs to embed the interpreter."""
        del run
        return PythonEmbeddedResources(self)

    @method(Parameter("prefix", STR))
    def to_file_manifest(self, run: Evaluation, *, prefix: str) -> FileManifest:
        """A manifest of the executable and of all that lies beside it."""
        manifest = FileManifest()
        manifest.add_executable(run, prefix, self)
        return manifest

    @method(
        Parameter("id_prefix", STR),
        Parameter("product_name", STR),
        Parameter("product_version", STR),
        Parameter("product_manufacturer", STR),
    )
    def to_wix_msi_builder(
        self, run: Evaluation, *, id_prefix: str, product_name: str, product_version: str, product_manufacturer: str
    ) -> WiXMSIBuilder:
        """A builder of an MSI installer that installs the executable and what lies beside it."""
        builder = WiXMSIBuilder(id_prefix, product_name, product_version, product_manufacturer, "x64")
        manifest = FileManifest()
        manifest.add_executable(run, ".", self)
        builder.manifest.add(manifest)
        return builder

    @method(
        Parameter("id_prefix", STR),
        Parameter("product_name", STR),
        Parameter("product_version", STR),
        Parameter("product_manufacturer", STR),
        Parameter("msi_builder_callback", Maybe(FUNCTION), None),
    )
    def to_wix_bundle_builder(  # noqa: PLR0913 - the dialect's own
        self,
        run: Evaluation,
        *,
        id_prefix: str,
        product_name: str,
        product_version: str,
        product_manufacturer: str,
        msi_builder_callback: Function | None,
    ) -> Generator[Request, object, WiXBundleBuilder]:
        """A builder of an installer of several parts, with the MSI of the executable as its first."""
        build_msi = PythonExecutable.methods["to_wix_msi_builder"].run
        msi = build_msi(
            self,
            run,
            id_prefix=id_prefix,
            product_name=product_name,
            product_version=product_version,
            product_manufacturer=product_manufacturer,
        )
        if msi_builder_callback is not None:
            yield Request((msi_builder_callback,), ((msi,),))
        bundle = WiXBundleBuilder(id_prefix, product_name, product_version, product_manufacturer, "x64")
        bundle.parts.append(msi)
        return bundle

    @method(Parameter("target", STR))
    def build(self, run: Evaluation, *, target: str) -> Thing:
        """Builds it. Here that happens when the evaluation is over, for what the command line wants."""
        del target
        self.lower(run)
        return ResolvedTarget()

    # --- the native target ---

    def _reading(self, run: Evaluation, what: str) -> Reading:
        return Reading(run, self.dist_label, self.policy, self._inner_name(what))

    def _inner_name(self, what: str) -> str:
        return "/".join(clean_name(part) for part in (self.home, self.name, what) if part)

    def lower(self, run: Evaluation) -> Label:
        """The native target that it is now."""
        attributes = self._attributes(run)
        key = ("executable", id(self), str(attributes))
        if key not in run.known:
            name = "/".join(clean_name(part) for part in (self.home, self.name) if part)
            run.known[key] = run.declare("python_executable", name, attributes)
        found: Label = run.known[key]
        return found

    def result(self, run: Evaluation) -> Label:
        """What a target with this value builds: the executable, or a folder where plain files belong beside it."""
        if not any(True for _ in self.plain_files()):
            return self.lower(run)
        manifest = FileManifest()
        manifest.add_executable(run, ".", self)
        return manifest.lower(run)

    def licences(self, run: Evaluation) -> tuple[str, Label] | None:
        """The file for licences beside it, and the native target that makes it; None where the config wants none."""
        filename = self.value("licenses_filename")
        if filename is None:
            return None
        attributes = self._attributes(run)
        wanted = {"dist": attributes["dist"], "resources": attributes.get("resources", []), "filename": filename}
        key = ("licences", str(wanted))
        if key not in run.known:
            run.known[key] = run.declare("licences", self._inner_name("licences"), wanted)
        found: Label = run.known[key]
        return str(filename), found

    def _attributes(self, run: Evaluation) -> dict[str, Plain]:
        has_glibc = not run.world.triple.endswith("-musl")
        attributes: dict[str, Plain] = {"dist": str(self.dist_label), **self.config.attributes(has_glibc=has_glibc)}
        policy = self.policy
        if policy.value("extension_module_filter") != "all":
            attributes["extension_modules"] = policy.value("extension_module_filter")
        if policy.value("include_test"):
            attributes["include_test"] = True
        taken = [each for each in self.added if is_wanted(each) and not isinstance(each, File)]
        labels = list(dict.fromkeys(str(each.origin.of) for each in taken))
        if labels:
            attributes["resources"] = cast("Plain", labels)
        left_out = sorted({*self._left_out(taken), *self._left_out_of_standard()})
        if left_out:
            attributes["exclude"] = cast("Plain", left_out)
        locations = locations_of(taken, str(policy.value("resources_location")))
        if locations:
            attributes["location"] = cast("Plain", locations)
        folder = folder_of([*(str(each.value("add_location")) for each in taken), str(policy.value("resources_location"))])
        if locations and folder not in {None, "lib"}:
            attributes["beside_folder"] = cast("Plain", folder)
        bare = sorted(bare_sources(taken, self.standard, policy))
        if bare:
            attributes["exclude_sources"] = cast("Plain", bare)
        return attributes

    def _left_out(self, taken: Sequence[Resource]) -> Iterable[str]:
        """Paths of all that came along with what was added, and was not added itself."""
        added = {(each.origin.of, each.item.path) for each in taken}
        origins = {each.origin.of: each.origin for each in taken}
        for label, origin in origins.items():
            for item in origin.items:
                if item.path and (label, item.path) not in added and is_visible(item, origin):
                    yield item.path

    def _left_out_of_standard(self) -> Iterable[str]:
        for resource in self.standard or ():
            if not resource.value("add_include") and resource.item.kind in {"module", "package"}:
                yield resource.item.path

    def plain_files(self) -> Iterable[tuple[str, Resource]]:
        """The files that lie beside it as they are, with the folder of each."""
        for resource in self.added:
            location = str(resource.value("add_location"))
            if isinstance(resource, File) and is_wanted(resource):
                yield location.removeprefix(RELATIVE) if location.startswith(RELATIVE) else "lib", resource


class PythonEmbeddedResources(Thing):
    """What a Rust program embeds. Here it is the executable itself, which needs no other program."""

    def __init__(self, executable: PythonExecutable) -> None:
        super().__init__()
        self.executable = executable

    @method(
        Parameter("target", STR),
        status=Status.CHANGED,
        note="no library for Rust programs is written: the executable is built instead",
    )
    def build(self, run: Evaluation, *, target: str) -> Thing:
        """Writes the artifacts."""
        del target
        self.lower(run)
        return ResolvedTarget()

    def lower(self, run: Evaluation) -> Label:
        """The executable's native target."""
        return self.executable.lower(run)
