"""Installers for Windows: builders of MSIs and of bundles. Knows what they are made of, not how WiX's sources look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from staticbuild.config.pyoxidizer.files import FileContent, FileManifest, Made, ResolvedTarget, clean_name
from staticbuild.config.pyoxidizer.model import (
    BOOL,
    FUNCTION,
    STR,
    STRING_DICT,
    Choice,
    DialectError,
    Maybe,
    Parameter,
    Property,
    Status,
    Thing,
    method,
    thing,
)

if TYPE_CHECKING:
    from staticbuild.config.pyoxidizer.evaluation import Evaluation
    from staticbuild.config.schema import Plain
    from staticbuild.graph.label import Label

_NO_BUNDLE: Final = "installers of several parts are made by WiX's Burn, which runs on Windows only"
_NO_REDISTRIBUTABLE: Final = "Microsoft's runtime libraries are not here to be put in"
_ARCHITECTURES: Final = Choice(("x86", "x64", "arm64"))


def _settable(name: str, doc: str, status: Status = Status.SUPPORTED, note: str = "") -> Property:
    return Property(name, STR, None, doc, status, note, readable=False)


class WiXMSIBuilder(Thing):
    """A builder of an MSI that installs files into a folder below `Program Files`."""

    properties = (
        _settable("arch", "For which processor: `x86`, `x64` or `arm64`."),
        _settable("banner_bmp_path", "A picture for the head of its dialogs.", Status.CHANGED, "the installer has no dialogs"),
        _settable("dialog_bmp_path", "A picture for its first dialog.", Status.CHANGED, "the installer has no dialogs"),
        _settable("eula_rtf_path", "A licence to agree to.", Status.CHANGED, "the installer has no dialogs"),
        _settable("help_url", "Where help is, as the list of programs shows it."),
        _settable("license_path", "The licence, which is installed, too."),
        _settable("msi_filename", "The MSI's name."),
        _settable("package_description", "A description of the package."),
        _settable("package_keywords", "Keywords of the package."),
        _settable("product_icon_path", "The icon in the list of programs."),
        _settable("upgrade_code", "The GUID that versions of one product share."),
    )

    def __init__(self, id_prefix: str, name: str, version: str, manufacturer: str, arch: str) -> None:
        super().__init__(arch=arch)
        self.id_prefix = id_prefix
        self.product = {"product_name": name, "product_version": version, "product_manufacturer": manufacturer}
        self.manifest = FileManifest()

    @property
    def filename(self) -> str:
        """The MSI's name."""
        chosen = self.values.get("msi_filename")
        return str(chosen or f"{self.product['product_name']}-{self.product['product_version']}.msi")

    @method(Parameter("manifest", thing("FileManifest")))
    def add_program_files_manifest(self, run: Evaluation, *, manifest: FileManifest) -> None:
        """Adds files to the program's folder."""
        del run
        self.manifest.add(manifest)

    @method(
        Parameter("redist_version", STR),
        Parameter("platform", STR),
        status=Status.CHANGED,
        note=f"{_NO_REDISTRIBUTABLE}: the installer has none",
    )
    def add_visual_cpp_redistributable(self, run: Evaluation, *, redist_version: str, platform: str) -> None:
        """Adds Microsoft's runtime libraries."""
        del run, redist_version, platform

    @method(Parameter("target", STR))
    def build(self, run: Evaluation, *, target: str) -> Thing:
        """Builds it. Here that happens when the evaluation is over."""
        del target
        self.lower(run)
        return ResolvedTarget()

    @method()
    def to_file_content(self, run: Evaluation) -> FileContent:
        """The MSI as a file."""
        return FileContent(self.filename, Made(str(self.lower(run)), self.filename), executable=False)

    @method(Parameter("path", STR))
    def write_to_directory(self, run: Evaluation, *, path: str) -> object:
        """Writes the MSI into a folder. Here that happens after the evaluation."""
        content = FileContent(self.filename, Made(str(self.lower(run)), self.filename), executable=False)
        return FileContent.methods["write_to_directory"].run(content, run, path=path)

    def lower(self, run: Evaluation) -> Label:
        """The native target that it is now."""
        values = {key: value for key, value in self.values.items() if key not in {"msi_filename", "arch"} and value is not None}
        icons = ("banner_bmp_path", "dialog_bmp_path", "eula_rtf_path", "license_path", "product_icon_path")
        attributes: dict[str, Plain] = {
            "id_prefix": self.id_prefix,
            **self.product,
            "arch": str(self.values["arch"]),
            "filename": self.filename,
            "files": str(self.manifest.lower(run, "msi-files")),
        }
        for key, value in values.items():
            inner = run.inner_path(str(value)) if key in icons else None
            if key not in {"banner_bmp_path", "dialog_bmp_path", "eula_rtf_path"}:
                attributes[key] = inner if inner is not None else str(value)
        memo = ("wix_msi", str(attributes))
        if memo not in run.known:
            name = "/".join(filter(None, (clean_name(run.active) if run.active else "", "msi")))
            run.known[memo] = run.declare("wix_msi", name, attributes)
        found: Label = run.known[memo]
        return found


class WiXBundleBuilder(Thing):
    """A builder of an installer of several parts."""

    def __init__(self, id_prefix: str, name: str, version: str, manufacturer: str, arch: str) -> None:
        super().__init__()
        self.described = (id_prefix, name, version, manufacturer, arch)
        self.parts: list[WiXMSIBuilder] = []

    @method(Parameter("condition", STR), Parameter("message", STR))
    def add_condition(self, run: Evaluation, *, condition: str, message: str) -> None:
        """Adds a condition for the installation."""
        del run, condition, message

    @method(Parameter("platform", _ARCHITECTURES), status=Status.CHANGED, note=f"{_NO_REDISTRIBUTABLE}: the installer has none")
    def add_vc_redistributable(self, run: Evaluation, *, platform: str) -> None:
        """Adds Microsoft's runtime libraries."""
        del run, platform

    @method(
        Parameter("builder", thing("WiXMSIBuilder")),
        Parameter("display_internal_ui", BOOL, False),
        Parameter("install_condition", Maybe(STR), None),
    )
    def add_wix_msi_builder(
        self, run: Evaluation, *, builder: WiXMSIBuilder, display_internal_ui: bool, install_condition: str | None
    ) -> None:
        """Adds an MSI."""
        del run, display_internal_ui, install_condition
        self.parts.append(builder)

    @method(
        Parameter("target", STR), status=Status.CHANGED, note=f"{_NO_BUNDLE}; the MSIs that it would hold are built instead"
    )
    def build(self, run: Evaluation, *, target: str) -> Thing:
        """Builds it."""
        del target
        self.lower(run)
        return ResolvedTarget()

    @method(status=Status.REFUSED, note=_NO_BUNDLE)
    def to_file_content(self, run: Evaluation) -> None:
        """The installer as a file."""

    @method(Parameter("path", STR), status=Status.REFUSED, note=_NO_BUNDLE)
    def write_to_directory(self, run: Evaluation, *, path: str) -> None:
        """Writes the installer into a folder."""

    def lower(self, run: Evaluation) -> Label:
        """The native target of the MSIs that it would hold."""
        if not self.parts:
            raise DialectError("this bundle has no MSI", "add one with `add_wix_msi_builder`")
        run.remark(f"{_NO_BUNDLE}; the MSIs that it would hold are built instead")
        manifest = FileManifest()
        for part in self.parts:
            manifest.files[part.filename] = FileContent(
                part.filename, Made(str(part.lower(run)), part.filename), executable=False
            )
        return manifest.lower(run)


class WiXInstaller(Thing):
    """An installer out of WiX's own sources."""

    properties = (
        Property("arch", _ARCHITECTURES, "x64", "For which processor."),
        Property(
            "install_files_root_directory_id", STR, "APPLICATIONFOLDER", "The folder that files are installed to, by its id."
        ),
        Property("install_files_wxs_path", STR, "install-files.wxs", "The source that lists the files to install."),
    )

    def __init__(self, id_: str, filename: str, arch: str) -> None:
        super().__init__(arch=arch)
        self.id = id_
        self.filename = filename
        self.install_files = FileManifest()
        self.build_files = FileManifest()
        self.builders: list[WiXMSIBuilder] = []
        self.sources: dict[str, dict[str, str]] = {}
        self.variables: dict[str, str | None] = {}

    @method(Parameter("build_path", STR), Parameter("filesystem_path", STR), Parameter("force_read", BOOL, False))
    def add_build_file(self, run: Evaluation, *, build_path: str, filesystem_path: str, force_read: bool) -> None:
        """Adds a file that WiX's sources name."""
        del force_read
        full = run.full_path(filesystem_path)
        self.build_files.files[build_path] = FileContent(full.rpartition("/")[2], full, executable=None)

    @method(Parameter("manifest", thing("FileManifest")))
    def add_build_files(self, run: Evaluation, *, manifest: FileManifest) -> None:
        """Adds files that WiX's sources name."""
        del run
        self.build_files.add(manifest)

    @method(Parameter("install_path", STR), Parameter("filesystem_path", STR), Parameter("force_read", BOOL, False))
    def add_install_file(self, run: Evaluation, *, install_path: str, filesystem_path: str, force_read: bool) -> None:
        """Adds a file to install."""
        del force_read
        full = run.full_path(filesystem_path)
        self.install_files.files[install_path] = FileContent(full.rpartition("/")[2], full, executable=None)

    @method(Parameter("manifest", thing("FileManifest")))
    def add_install_files(self, run: Evaluation, *, manifest: FileManifest) -> None:
        """Adds files to install."""
        del run
        self.install_files.add(manifest)

    @method(Parameter("builder", thing("WiXMSIBuilder")))
    def add_msi_builder(self, run: Evaluation, *, builder: WiXMSIBuilder) -> None:
        """Adds what a builder of an MSI has."""
        del run
        self.builders.append(builder)
        self.install_files.add(builder.manifest)

    @method(
        Parameter("id_prefix", STR),
        Parameter("product_name", STR),
        Parameter("product_version", STR),
        Parameter("product_manufacturer", STR),
        Parameter("program_files", thing("FileManifest")),
    )
    def add_simple_installer(  # noqa: PLR0913 - the dialect's own
        self,
        run: Evaluation,
        *,
        id_prefix: str,
        product_name: str,
        product_version: str,
        product_manufacturer: str,
        program_files: FileManifest,
    ) -> None:
        """Adds what an MSI needs that installs files below `Program Files`."""
        del run
        builder = WiXMSIBuilder(id_prefix, product_name, product_version, product_manufacturer, str(self.value("arch")))
        builder.manifest.add(program_files)
        self.builders.append(builder)
        self.install_files.add(program_files)

    @method(Parameter("path", STR), Parameter("preprocessor_parameters", Maybe(STRING_DICT), None))
    def add_wxs_file(self, run: Evaluation, *, path: str, preprocessor_parameters: dict[str, str] | None) -> None:
        """Adds a source of WiX."""
        self.sources[run.full_path(path)] = preprocessor_parameters or {}

    @method(Parameter("key", STR), Parameter("value", Maybe(STR), None))
    def set_variable(self, run: Evaluation, *, key: str, value: str | None) -> None:
        """Sets a variable of WiX's preprocessor."""
        del run
        self.variables[key] = value

    @method(Parameter("target", STR))
    def build(self, run: Evaluation, *, target: str) -> Thing:
        """Builds it. Here that happens when the evaluation is over."""
        del target
        self.lower(run)
        return ResolvedTarget()

    @method()
    def to_file_content(self, run: Evaluation) -> FileContent:
        """The installer as a file."""
        return FileContent(self.filename, Made(str(self.lower(run)), self.filename), executable=False)

    @method(Parameter("path", STR))
    def write_to_directory(self, run: Evaluation, *, path: str) -> object:
        """Writes the installer into a folder. Here that happens after the evaluation."""
        content = FileContent(self.filename, Made(str(self.lower(run)), self.filename), executable=False)
        return FileContent.methods["write_to_directory"].run(content, run, path=path)

    def lower(self, run: Evaluation) -> Label:
        """The native target that it is now."""
        if self.sources:
            raise DialectError(
                "installers out of sources of WiX's own (`add_wxs_file`) cannot be made here", "use `WiXMSIBuilder`"
            )
        if not self.builders:
            raise DialectError("this installer has no product", "call `add_simple_installer` or `add_msi_builder`")
        builder = self.builders[0]
        builder.values["msi_filename"] = self.filename
        builder.manifest.add(self.install_files)
        return builder.lower(run)


# --- functions ---

_PRODUCT: Final = (
    Parameter("id_prefix", STR),
    Parameter("product_name", STR, other_names=("name",)),
    Parameter("product_version", STR, other_names=("version",)),
    Parameter("product_manufacturer", STR, other_names=("manufacturer",)),
    Parameter("arch", _ARCHITECTURES, "x64"),
)


@method(*_PRODUCT)
def wix_msi_builder(  # noqa: PLR0913 - the dialect's own
    run: Evaluation, *, id_prefix: str, product_name: str, product_version: str, product_manufacturer: str, arch: str
) -> WiXMSIBuilder:
    """A builder of an MSI."""
    del run
    return WiXMSIBuilder(id_prefix, product_name, product_version, product_manufacturer, arch)


@method(*_PRODUCT)
def wix_bundle_builder(  # noqa: PLR0913 - the dialect's own
    run: Evaluation, *, id_prefix: str, product_name: str, product_version: str, product_manufacturer: str, arch: str
) -> WiXBundleBuilder:
    """A builder of an installer of several parts."""
    del run
    return WiXBundleBuilder(id_prefix, product_name, product_version, product_manufacturer, arch)


@method(Parameter("id", STR), Parameter("filename", STR), Parameter("arch", _ARCHITECTURES, "x64"))
def wix_installer(run: Evaluation, *, id: str, filename: str, arch: str) -> WiXInstaller:  # noqa: A002 - the dialect's own
    """An installer out of WiX's sources, or of a simple product."""
    del run
    return WiXInstaller(id, filename, arch)


__all__ = ["FUNCTION", "WiXBundleBuilder", "WiXInstaller", "WiXMSIBuilder"]
