"""Builders of packages: wheels, applications for macOS, universal binaries. Knows what they hold, not who builds them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from staticbuild.config.pyoxidizer.files import FileContent, FileManifest, Made, ResolvedTarget, clean_name, inside, joined
from staticbuild.config.pyoxidizer.model import (
    BOOL,
    INT,
    STR,
    AnyOf,
    Choice,
    DialectError,
    Maybe,
    Parameter,
    Pattern,
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

_CONTENT: Final = Parameter("content", thing("FileContent"))
_MANIFEST: Final = Parameter("manifest", thing("FileManifest"))


class AppleUniversalBinary(Thing):
    """A program for macOS of several architectures."""

    def __init__(self, filename: str) -> None:
        super().__init__()
        self.filename = filename
        self.sources: list[FileContent] = []

    @method(Parameter("path", STR))
    def add_path(self, run: Evaluation, *, path: str) -> None:
        """Adds a program on disk."""
        full = run.full_path(path)
        self.sources.append(FileContent(full.rpartition("/")[2], full, executable=None))

    @method(_CONTENT)
    def add_file(self, run: Evaluation, *, content: FileContent) -> None:
        """Adds a program."""
        del run
        self.sources.append(content)

    @method()
    def to_file_content(self, run: Evaluation) -> FileContent:
        """The program of all architectures as a file."""
        return FileContent(self.filename, Made(str(self.lower(run)), self.filename), executable=True)

    @method(Parameter("path", STR))
    def write_to_directory(self, run: Evaluation, *, path: str) -> object:
        """Writes the program into a folder. Here that happens after the evaluation."""
        content = FileContent(self.filename, Made(str(self.lower(run)), self.filename), executable=True)
        return FileContent.methods["write_to_directory"].run(content, run, path=path)

    def lower(self, run: Evaluation) -> Label:
        """The native target that it is now."""
        manifest = FileManifest()
        for index, content in enumerate(self.sources):
            manifest.files[str(index)] = content
        attributes: dict[str, Plain] = {"filename": self.filename, "files": str(manifest.lower(run, "universal-files"))}
        memo = ("universal_binary", str(attributes))
        if memo not in run.known:
            run.known[memo] = run.declare("universal_binary", _name(run, "universal"), attributes)
        found: Label = run.known[memo]
        return found


class MacOsApplicationBundleBuilder(Thing):
    """A builder of an application for macOS, a folder `NAME.app`."""

    def __init__(self, bundle_name: str) -> None:
        super().__init__()
        self.bundle_name = bundle_name
        self.manifest = FileManifest()
        self.info: dict[str, bool | int | str] = {}

    @method(Parameter("path", STR))
    def add_icon(self, run: Evaluation, *, path: str) -> None:
        """Adds the icon, a file `.icns`."""
        full = run.full_path(path)
        name = f"{self.bundle_name}.icns"
        self.manifest.files[f"Contents/Resources/{name}"] = FileContent(name, full, executable=None)
        self.info.setdefault("CFBundleIconFile", name)

    @method(_MANIFEST)
    def add_manifest(self, run: Evaluation, *, manifest: FileManifest) -> None:
        """Adds files below `Contents`."""
        self._below("Contents", run, manifest)

    @method(_CONTENT, Parameter("path", Maybe(STR), None))
    def add_macos_file(self, run: Evaluation, *, content: FileContent, path: str | None) -> None:
        """Adds a file below `Contents/MacOS`, where programs are."""
        del run
        self.manifest.files[joined("Contents/MacOS", path or str(content.value("filename")))] = content

    @method(_MANIFEST)
    def add_macos_manifest(self, run: Evaluation, *, manifest: FileManifest) -> None:
        """Adds files below `Contents/MacOS`, where programs are."""
        self._below("Contents/MacOS", run, manifest)

    @method(_CONTENT, Parameter("path", Maybe(STR), None))
    def add_resources_file(self, run: Evaluation, *, content: FileContent, path: str | None) -> None:
        """Adds a file below `Contents/Resources`."""
        del run
        self.manifest.files[joined("Contents/Resources", path or str(content.value("filename")))] = content

    @method(_MANIFEST)
    def add_resources_manifest(self, run: Evaluation, *, manifest: FileManifest) -> None:
        """Adds files below `Contents/Resources`."""
        self._below("Contents/Resources", run, manifest)

    @method(Parameter("key", STR), Parameter("value", AnyOf((BOOL, INT, STR))))
    def set_info_plist_key(self, run: Evaluation, *, key: str, value: bool | int | str) -> None:
        """Sets a key of `Info.plist`."""
        del run
        self.info[key] = value

    @method(
        Parameter("display_name", STR),
        Parameter("identifier", STR),
        Parameter("version", STR),
        Parameter("signature", Pattern("a string of four characters", r"....")),
        Parameter("executable", STR),
    )
    def set_info_plist_required_keys(  # noqa: PLR0913 - the dialect's own
        self, run: Evaluation, *, display_name: str, identifier: str, version: str, signature: str, executable: str
    ) -> None:
        """Sets the keys that `Info.plist` must have."""
        del run
        self.info.update(
            CFBundleDisplayName=display_name,
            CFBundleIdentifier=identifier,
            CFBundleVersion=version,
            CFBundleSignature=signature,
            CFBundleExecutable=executable,
        )

    @method(Parameter("target", STR))
    def build(self, run: Evaluation, *, target: str) -> Thing:
        """Builds it. Here that happens when the evaluation is over."""
        del target
        self.lower(run)
        return ResolvedTarget()

    @method(Parameter("path", STR))
    def write_to_directory(self, run: Evaluation, *, path: str) -> None:
        """Writes the application into a folder. Here that happens after the evaluation."""
        self._bundle().install_at(run, path)

    def _below(self, folder: str, run: Evaluation, manifest: FileManifest) -> None:
        del run
        self.manifest.files.update({joined(folder, path): content for path, content in manifest.files.items()})
        self.manifest.executables.update({joined(folder, path): each for path, each in manifest.executables.items()})
        self.manifest.resources.extend((joined(folder, prefix), each) for prefix, each in manifest.resources)

    def _bundle(self) -> FileManifest:
        missing = [key for key in _REQUIRED_KEYS if key not in self.info]
        if missing:
            raise DialectError(f"`Info.plist` lacks `{missing[0]}`", "call `set_info_plist_required_keys(…)`")
        whole = FileManifest()
        MacOsApplicationBundleBuilder._copy(self.manifest, whole, f"{self.bundle_name}.app")
        info = {"CFBundleName": self.bundle_name, "CFBundlePackageType": "APPL", **self.info}
        text = _property_list(info)
        whole.files[f"{self.bundle_name}.app/Contents/Info.plist"] = FileContent("Info.plist", text.encode(), executable=False)
        kinds = f"APPL{info['CFBundleSignature']}"
        whole.files[f"{self.bundle_name}.app/Contents/PkgInfo"] = FileContent("PkgInfo", kinds.encode(), executable=False)
        return whole

    @staticmethod
    def _copy(source: FileManifest, whole: FileManifest, folder: str) -> None:
        whole.files.update({joined(folder, path): content for path, content in source.files.items()})
        whole.executables.update({joined(folder, path): each for path, each in source.executables.items()})
        whole.resources.extend((joined(folder, prefix), each) for prefix, each in source.resources)

    def lower(self, run: Evaluation) -> Label:
        """The native target that it is now."""
        return self._bundle().lower(run)


_REQUIRED_KEYS: Final = (
    "CFBundleDisplayName",
    "CFBundleIdentifier",
    "CFBundleVersion",
    "CFBundleSignature",
    "CFBundleExecutable",
)


def _property_list(values: dict[str, bool | int | str]) -> str:
    """The text of a property list in XML, with its keys sorted."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
        '<plist version="1.0">',
        "<dict>",
    ]
    for key, value in sorted(values.items()):
        lines.append(f"\t<key>{escape(key)}</key>")
        if isinstance(value, bool):
            lines.append("\t<true/>" if value else "\t<false/>")
        elif isinstance(value, int):
            lines.append(f"\t<integer>{value}</integer>")
        else:
            lines.append(f"\t<string>{escape(value)}</string>")
    return "\n".join([*lines, "</dict>", "</plist>", ""])


class PythonWheelBuilder(Thing):
    """A builder of a wheel."""

    properties = (
        Property("build_tag", Maybe(STR), None, "The tag that tells builds of one version apart."),
        Property("tag", STR, "py3-none-any", "Python, ABI and platform in one."),
        Property("python_tag", STR, "py3", "For which Pythons it is."),
        Property("abi_tag", STR, "none", "For which ABI it is."),
        Property("platform_tag", STR, "any", "For which platform it is."),
        Property("generator", STR, "staticbuild", "Who made it."),
        Property("root_is_purelib", BOOL, True, "Whether it has no machine code."),
        Property(
            "modified_time",
            INT,
            0,
            "The time of its files.",
            Status.CHANGED,
            "all times in it are the same fixed one, so that the same files give the same bytes",
        ),
        Property("wheel_file_name", STR, "", "The wheel's name.", writable=False),
    )

    def __init__(self, distribution: str, version: str) -> None:
        super().__init__()
        self.distribution = distribution
        self.version = version
        self.manifest = FileManifest()

    @property
    def filename(self) -> str:
        """The wheel's name."""
        name = re.sub(r"[-_.]+", "_", self.distribution)
        tag = self.value("build_tag")
        parts = [name, self.version.replace("-", "_"), *([str(tag)] if tag else []), str(self.value("tag"))]
        return "-".join(parts) + ".whl"

    def read(self, name: str) -> object:
        """As for all objects; the name follows from the other attributes."""
        return self.filename if name == "wheel_file_name" else super().read(name)

    def assigned(self, name: str, value: object) -> None:
        """The whole tag and its three parts follow each other."""
        if name == "tag":
            parts = str(value).split("-")
            if len(parts) != len(_TAGS):
                raise DialectError(f"`tag` wants Python, ABI and platform, as in `py3-none-any`, got `{value}`")
            self.values.update(zip(_TAGS, parts, strict=True))
        elif name in _TAGS:
            self.values["tag"] = "-".join(str(self.value(each)) for each in _TAGS)

    @method(
        Parameter("file", thing("FileContent")), Parameter("path", Maybe(STR), None), Parameter("directory", Maybe(STR), None)
    )
    def add_file_dist_info(self, run: Evaluation, *, file: FileContent, path: str | None, directory: str | None) -> None:
        """Adds a file of the metadata."""
        del run
        self.manifest.files[joined(self._info, _path(file, path, directory))] = file

    @method(
        Parameter("destination", Choice(("purelib", "platlib", "headers", "scripts", "data"))),
        Parameter("file", thing("FileContent")),
        Parameter("path", Maybe(STR), None),
        Parameter("directory", Maybe(STR), None),
    )
    def add_file_data(
        self, run: Evaluation, *, destination: str, file: FileContent, path: str | None, directory: str | None
    ) -> None:
        """Adds a file that is installed elsewhere, such as a script."""
        del run
        self.manifest.files[joined(f"{self._stem}.data/{destination}", _path(file, path, directory))] = file

    @method(
        Parameter("file", thing("FileContent")), Parameter("path", Maybe(STR), None), Parameter("directory", Maybe(STR), None)
    )
    def add_file(self, run: Evaluation, *, file: FileContent, path: str | None, directory: str | None) -> None:
        """Adds a file."""
        del run
        self.manifest.files[inside(_path(file, path, directory))] = file

    @method()
    def to_file_content(self, run: Evaluation) -> FileContent:
        """The wheel as a file."""
        return FileContent(self.filename, Made(str(self.lower(run)), self.filename), executable=False)

    @method(Parameter("path", STR))
    def write_to_directory(self, run: Evaluation, *, path: str) -> object:
        """Writes the wheel into a folder. Here that happens after the evaluation."""
        content = FileContent(self.filename, Made(str(self.lower(run)), self.filename), executable=False)
        return FileContent.methods["write_to_directory"].run(content, run, path=path)

    @method(Parameter("target", STR))
    def build(self, run: Evaluation, *, target: str) -> Thing:
        """Builds it. Here that happens when the evaluation is over."""
        del target
        self.lower(run)
        return ResolvedTarget()

    @property
    def _stem(self) -> str:
        return "-".join((re.sub(r"[-_.]+", "_", self.distribution), self.version.replace("-", "_")))

    @property
    def _info(self) -> str:
        return f"{self._stem}.dist-info"

    def lower(self, run: Evaluation) -> Label:
        """The native target that it is now."""
        whole = FileManifest()
        whole.add(self.manifest)
        tag = self.value("build_tag")
        lines = [
            "Wheel-Version: 1.0",
            f"Generator: {self.value('generator')}",
            f"Root-Is-Purelib: {'true' if self.value('root_is_purelib') else 'false'}",
            f"Tag: {self.value('tag')}",
            *([f"Build: {tag}"] if tag else []),
        ]
        metadata = f"Metadata-Version: 2.1\nName: {self.distribution}\nVersion: {self.version}\n"
        whole.files.setdefault(f"{self._info}/METADATA", FileContent("METADATA", metadata.encode(), executable=False))
        whole.files[f"{self._info}/WHEEL"] = FileContent("WHEEL", ("\n".join(lines) + "\n").encode(), executable=False)
        attributes: dict[str, Plain] = {
            "filename": self.filename,
            "info": self._info,
            "files": str(whole.lower(run, "wheel-files")),
        }
        memo = ("wheel", str(attributes))
        if memo not in run.known:
            run.known[memo] = run.declare("wheel", _name(run, "wheel"), attributes)
        found: Label = run.known[memo]
        return found


_TAGS: Final = ("python_tag", "abi_tag", "platform_tag")


def _path(file: FileContent, path: str | None, directory: str | None) -> str:
    if path is not None and directory is not None:
        raise DialectError("give one of `path` and `directory`, not both")
    return path if path is not None else joined(directory or "", str(file.value("filename")))


def _name(run: Evaluation, what: str) -> str:
    return f"{clean_name(run.active)}/{what}" if run.active else what


# --- functions ---


@method(Parameter("filename", STR))
def apple_universal_binary(run: Evaluation, *, filename: str) -> AppleUniversalBinary:
    """A program for macOS of several architectures."""
    del run
    return AppleUniversalBinary(filename)


@method(Parameter("bundle_name", STR))
def mac_os_application_bundle_builder(run: Evaluation, *, bundle_name: str) -> MacOsApplicationBundleBuilder:
    """A builder of an application for macOS."""
    del run
    return MacOsApplicationBundleBuilder(bundle_name)


@method(Parameter("distribution", STR), Parameter("version", STR))
def python_wheel_builder(run: Evaluation, *, distribution: str, version: str) -> PythonWheelBuilder:
    """A builder of a wheel."""
    del run
    return PythonWheelBuilder(distribution, version)
