"""Asks the package index that the user configured, through `uv`. Knows nothing of locks.

Versions are resolved by what packages say of themselves, which is the same on all platforms of one system; which file of a
version is for whom is decided later (`packing.compatibility`).

`uv` finds its own settings (environment, `uv.toml`, netrc, keyring). Those of pip are translated: its environment
variables and `pip.conf`, where uv's environment says nothing else. No index is named in our code.
"""

from __future__ import annotations

import configparser
import io
import posixpath
import re
import tomllib
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from packaging.utils import canonicalize_name

from staticbuild.errors import ConfigError, Problem, SourceError, StaticbuildError, ToolchainError
from staticbuild.host import Completed, DownloadError, Host

# What the machine that builds is expected to have at least: that of the wheels that build tools come in.
BUILDER_GLIBC = "2.28"
_PATIENCE = 900.0
_LINES_SHOWN = 12
# No wheel is larger; an answer that never ends is.
_LARGEST = 4 << 30

# What uv calls the things that pip configures: environment variable or key of pip's, then uv's variable.
_TRANSLATED = (
    ("index-url", "UV_DEFAULT_INDEX", ("UV_DEFAULT_INDEX", "UV_INDEX_URL")),
    ("extra-index-url", "UV_INDEX", ("UV_INDEX", "UV_EXTRA_INDEX_URL")),
    ("find-links", "UV_FIND_LINKS", ("UV_FIND_LINKS",)),
    ("cert", "SSL_CERT_FILE", ("SSL_CERT_FILE",)),
    ("proxy", "ALL_PROXY", ("ALL_PROXY", "HTTPS_PROXY", "https_proxy", "all_proxy")),
)
_NETWORK_SIGNS = (
    "error sending request",
    "dns error",
    "client error (Connect)",
    "operation timed out",
    "Failed to fetch",
    "network was disabled",
)

# `mine=https://…`, as `UV_INDEX` may name them.
_NAMED_INDEX = re.compile(r"(?P<name>[A-Za-z0-9._-]+)=(?P<url>https?://.*)\Z")
_NAME_THE_INDEX = "name the index that has it in uv's or pip's configuration (`UV_DEFAULT_INDEX`, `pip.conf`)"
# How uv says that a version is there, but no wheel of it for the machine that builds.
_NO_WHEEL = re.compile(r"([A-Za-z0-9._-]+)(?:[=<>!]=?[^\s]+)? has no (?:usable wheels|wheels with a matching)")


# The versions of glibc that uv can be told, oldest first. For a program that is linked with musl statically no shared library
# is any good, so all that a wheel is asked for is what it says of itself: the newest will do.
_GLIBC_OF_UV = ((2, 17), (2, 28), *((2, minor) for minor in range(31, 41)))


@dataclass(frozen=True, slots=True)
class Target:
    """What is resolved for: a Python version, a platform, and the oldest glibc that programs must run with (None: musl)."""

    python: str = "3.13"
    platform: str = "x86_64-unknown-linux-musl"
    glibc: str | None = None

    @property
    def builder(self) -> Target:
        """The machine that builds packages for this target: one with glibc, and the same Python."""
        return Target(self.python, "x86_64-unknown-linux-gnu", BUILDER_GLIBC)

    @property
    def uv_platform(self) -> str:
        """What `uv` calls it."""
        machine = self.platform.partition("-")[0]
        wanted = tuple(int(part) for part in self.glibc.split(".")) if self.glibc else _GLIBC_OF_UV[-1]
        major, minor = max((known for known in _GLIBC_OF_UV if known <= wanted), default=_GLIBC_OF_UV[0])
        return f"{machine}-manylinux_{major}_{minor}"


@dataclass(frozen=True, slots=True, order=True)
class Pin:
    """One version of one package, by its normal name."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that an index has: `address` is a URL, `sha256` and `size` are what the index says, if it does."""

    filename: str
    address: str
    sha256: str | None
    size: int | None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The versions that go together, and which package wants which: `required_by[name]` are normal names.

    `direct` are the addresses of those that are not of an index, by name; their versions are not known yet.
    """

    pins: tuple[Pin, ...]
    required_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    direct: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PackageIndex:
    """The user's package index, asked from the folder `root` (where `uv.toml` may lie) for one target.

    `offline`: only what uv has kept of it, and folders of this host.
    """

    host: Host
    root: str
    target: Target
    offline: bool = False

    def resolve(
        self,
        required: Iterable[str],
        constraints: Iterable[str],
        previous: Iterable[Pin],
        whose: str,
        *,
        builds: bool = True,
    ) -> Resolution:
        """Versions that satisfy `required`, those of `previous` where they still do.

        An sdist that says what it needs only when it is built is built for that, by uv; without `builds`, wheels alone
        count. Raises ConfigError with uv's explanation if there are none, SourceError if the index cannot be asked.
        """
        folder = self.host.temporary_dir(self.host.cache_dir)
        try:
            limits, output = posixpath.join(folder, "constraints.txt"), posixpath.join(folder, "output.txt")
            self.host.write_bytes(limits, _lines(constraints))
            self.host.write_bytes(output, _lines(map(str, previous)))
            arguments = ["--annotation-style", "line", "--constraints", limits, "--output-file", output]
            arguments += ["--python-platform", self.target.uv_platform]
            if not builds:
                # Those for builds that uv does itself, it knows.
                arguments += ["--no-build", *(word for path in self._build_constraints() for word in ("--constraints", path))]
            answer = self._compile(arguments, required)
            if answer.returncode:
                what = "requirements" if builds else "build requirements"
                raise _failure(answer, f"the {what} of `{whose}` cannot be resolved")
            return parse_resolution(self.host.read_bytes(output).decode())
        finally:
            self.host.remove(folder)

    def _build_constraints(self) -> list[str]:
        """The files with which the user constrains what builds may use."""
        return (self.host.environ.get("UV_BUILD_CONSTRAINT") or self.host.environ.get("PIP_BUILD_CONSTRAINT") or "").split()

    def offers(self, pins: Iterable[Pin]) -> dict[Pin, tuple[Offer, ...]]:
        """The files that the index has of each of `pins`, for whatever platform. Raises SourceError if it has none."""
        found: dict[Pin, tuple[Offer, ...]] = {}
        waiting = sorted(set(pins))
        while waiting:
            # Two versions of one package cannot be asked for at once.
            batch = list({pin.name: pin for pin in reversed(waiting)}.values())
            waiting = [pin for pin in waiting if pin not in batch]
            found |= self._ask(batch)
        missing = [Problem(f"the package index has no `{pin}`", hint=_NAME_THE_INDEX) for pin in found if not found[pin]]
        SourceError.raise_all(missing)
        return found

    def version_of(self, name: str, address: str) -> str:
        """The version of the archive at `address`, whose file name does not say it. Raises SourceError, ConfigError."""
        answer = self._compile(["--no-deps", "--universal", "--format", "pylock.toml"], [f"{name} @ {address}"])
        if answer.returncode:
            raise _failure(answer, f"`{name}` at `{address}` cannot be used")
        found = parse_offers(answer.stdout.decode("utf-8", "replace"))
        return next(pin.version for pin in found if pin.name == name)

    def export(self, path: str, extras: Iterable[str], group: str | None) -> str:
        """What a `uv.lock` pins, as uv writes it to a requirements file. Raises ConfigError."""
        chosen = [f"--only-group={group}"] if group else ["--no-default-groups", *(f"--extra={extra}" for extra in extras)]
        arguments = ["--frozen", "--no-emit-project", "--no-annotate", "--format", "requirements.txt", *chosen]
        configured = settings(self.host)
        argv = [*self._uv("export"), *arguments]
        answer = self._run(argv, posixpath.dirname(path), configured.env, b"")
        if answer.returncode:
            raise _failure(answer, f"`{posixpath.relpath(path, self.root)}` cannot be read")
        return answer.stdout.decode("utf-8", "replace")

    def content(self, offer: Offer) -> tuple[Offer, bytes]:
        """The file that is offered, and the offer with its digest and size. Raises SourceError."""
        folder = self.host.temporary_dir(self.host.cache_dir)
        try:
            path = posixpath.join(folder, "file")
            with self.host.open_append(path) as file:
                self.host.download(offer.address, file, limit=_LARGEST)
            sha256, size = self.host.hash_file(path)
            if offer.sha256 not in {None, sha256}:
                raise SourceError(f"`{offer.filename}` has the sha256 {sha256}, but its index says {offer.sha256}")
            return replace(offer, sha256=sha256, size=size), self.host.read_bytes(path)
        except DownloadError as error:
            raise SourceError(f"`{offer.filename}` could not be fetched: {error}") from error
        finally:
            self.host.remove(folder)

    def measured(self, offer: Offer) -> Offer:
        """`offer` with the digest and size of the file itself, where the index does not say them.

        A folder of `find-links` says no sizes, an old index perhaps no digests; a lock must not depend on who is asked.
        """
        if offer.sha256 is not None and (offer.size is not None or not offer.address.startswith("file://")):
            return offer
        return self.content(offer)[0]

    def _ask(self, pins: Sequence[Pin]) -> dict[Pin, tuple[Offer, ...]]:
        # uv lists the files of a version only after it has read its metadata, for which it would build an sdist. So each
        # version is also there as a wheel that holds nothing but metadata, in a folder of our own.
        folder = self.host.temporary_dir(self.host.cache_dir)
        try:
            for pin in pins:
                self.host.write_bytes(posixpath.join(folder, _stand_in(pin)), _empty_wheel(pin))
            answer = self._compile(["--no-deps", "--universal", "--format", "pylock.toml"], map(str, pins), (folder,))
        finally:
            self.host.remove(folder)
        if answer.returncode:
            raise SourceError.of(_failure(answer, "the package index cannot say what it has").problems)
        offers = parse_offers(answer.stdout.decode("utf-8", "replace"))
        known = credentials(settings(self.host).env)
        stand_ins = {f"file://{folder}/{_stand_in(pin)}" for pin in pins}
        return {
            pin: tuple(
                replace(one, address=_with_credentials(one.address, known))
                for one in offers.get(pin, ())
                if one.address not in stand_ins
            )
            for pin in pins
        }

    def _compile(self, arguments: Sequence[str], requirements: Iterable[str], folders: Sequence[str] = ()) -> Completed:
        """Run `uv pip compile`; `folders` hold more files, beside those of the index."""
        configured = settings(self.host)
        argv = [
            *self._uv("pip", "compile", "-"),
            "--python-version",
            self.target.python,
            *configured.arguments,
            *arguments,
        ]
        env = dict(configured.env)
        if folders:
            env["UV_FIND_LINKS"] = ",".join(filter(None, [env.get("UV_FIND_LINKS"), *folders]))
        return self._run(argv, self.root, env, _lines(requirements))

    def _uv(self, *command: str) -> list[str]:
        return [
            *(self.host.python, "-m", "uv", *command, "--quiet", "--no-header", "--no-progress", "--color", "never"),
            *("--python", self.host.python, "--no-python-downloads", *(["--offline"] if self.offline else [])),
        ]

    def _run(self, argv: Sequence[str], folder: str, env: Mapping[str, str], text: bytes) -> Completed:
        try:
            answer = self.host.run(argv, cwd=folder, env=env, input=text, timeout=_PATIENCE)
        except TimeoutError as error:
            raise SourceError(f"the package index did not answer in {_PATIENCE:.0f} s", hint="try again") from error
        if answer.returncode and b"No module named uv" in answer.stderr:
            raise ToolchainError("the Python package `uv` is not installed", hint="install staticbuild again")
        return answer


def _stand_in(pin: Pin) -> str:
    # With a build number, so that no file of an index has this name.
    return f"{pin.name.replace('-', '_')}-{pin.version}-0-py3-none-any.whl"


def _empty_wheel(pin: Pin) -> bytes:
    """A wheel of that version which needs nothing and holds nothing."""
    info = f"{pin.name.replace('-', '_')}-{pin.version}.dist-info"
    members = {
        "METADATA": f"Metadata-Version: 2.1\nName: {pin.name}\nVersion: {pin.version}\n",
        "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(f"{info}/{name}"), text)
    return data.getvalue()


@dataclass(frozen=True, slots=True)
class Settings:
    """How `uv` learns of the user's index: environment variables, and what only arguments can say."""

    env: Mapping[str, str]
    arguments: tuple[str, ...] = ()


def settings(host: Host) -> Settings:
    """What pip's environment and configuration files say of indexes, in uv's words, beside the environment itself."""
    env = dict(host.environ)
    configured = {**_pip_files(host), **_pip_environment(host.environ)}
    for key, variable, instead in _TRANSLATED:
        value = " ".join(configured.get(key, "").split())
        if key == "find-links":
            # pip passes over folders that do not exist, uv stops.
            value = ",".join(place for place in value.split() if "://" in place or host.exists(place))
        if value and not any(env.get(name) for name in instead):
            env[variable] = value
    no_index = configured.get("no-index", "").strip().lower() in {"1", "true", "yes", "on", "y", "t"}
    return Settings(env, ("--no-index",) if no_index else ())


def credentials(env: Mapping[str, str]) -> dict[str, str]:
    """User and password of the servers of indexes, as uv's environment names them; uv leaves them out of addresses.

    What netrc says needs no help: whoever asks a server looks there.
    """
    found: dict[str, str] = {}
    for variable in ("UV_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_INDEX", "UV_DEFAULT_INDEX"):
        for word in env.get(variable, "").split():
            named = _NAMED_INDEX.match(word)
            parts = urlsplit(named["url"] if named else word)
            user, _, server = parts.netloc.rpartition("@")
            if named and not user:
                prefix = "UV_INDEX_" + re.sub(r"[^A-Z0-9]", "_", named["name"].upper())
                given = [env.get(f"{prefix}_USERNAME"), env.get(f"{prefix}_PASSWORD")]
                user = ":".join(quote(one, safe="") for one in given if one) if given[1] else ""
            if user:
                found[f"{parts.scheme}://{server}"] = user
    return found


def _with_credentials(address: str, known: Mapping[str, str]) -> str:
    scheme, separator, rest = address.partition("://")
    server = rest.partition("/")[0]
    user = known.get(f"{scheme}://{server}")
    return address if user is None else f"{scheme}{separator}{user}@{rest}"


def parse_resolution(text: str) -> Resolution:
    """What `uv pip compile --annotation-style line` wrote."""
    pins: list[Pin] = []
    direct: dict[str, str] = {}
    required_by: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        match = re.match(
            r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?(?:==(?P<version>[^\s;#]+)| @ (?P<url>\S+))", line
        )
        if match is None:
            continue
        name = canonicalize_name(match["name"])
        if match["url"]:
            direct[name] = match["url"].partition("#")[0]
        else:
            pins.append(Pin(name, match["version"]))
        # What the user asked for is there as `-r -`.
        wanting = (word.strip() for word in line.partition("# via ")[2].split(","))
        required_by[name] = tuple(
            sorted({canonicalize_name(word) for word in wanting if re.fullmatch(r"[A-Za-z0-9._-]+", word)})
        )
    return Resolution(tuple(sorted(pins)), required_by, direct)


def parse_offers(text: str) -> dict[Pin, tuple[Offer, ...]]:
    """The files of a `pylock.toml` (PEP 751). Raises SourceError for anything else."""
    try:
        packages = tomllib.loads(text).get("packages", [])
        return {
            Pin(canonicalize_name(package["name"]), str(package["version"])): tuple(
                _offer(file)
                for file in (*package.get("wheels", []), *(package[key] for key in ("sdist", "archive") if key in package))
            )
            for package in packages
        }
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"uv's answer cannot be read: {error}", hint="the supported versions of uv are in pyproject.toml"
        ) from error


def _offer(file: Mapping[str, Any]) -> Offer:
    address = file.get("url") or "file://" + file["path"]
    filename = file.get("name") or unquote(posixpath.basename(urlsplit(address).path))
    if address.startswith("file://"):
        address = unquote(address)
    sha256 = file.get("hashes", {}).get("sha256")
    return Offer(filename, address, sha256.lower() if sha256 else None, file.get("size"))


def _failure(answer: Completed, message: str) -> StaticbuildError:
    text = answer.stderr.decode("utf-8", "replace")
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    notes = tuple(re.sub(r"^(error|cause|hint): ", "", line) for line in lines[:_LINES_SHOWN])
    if any(sign in text for sign in _NETWORK_SIGNS):
        return SourceError(
            "the package index could not be asked",
            hint="check the network, and the index in uv's or pip's configuration (`UV_DEFAULT_INDEX`, `pip.conf`)",
            notes=notes,
        )
    without_wheels = sorted(set(re.findall(_NO_WHEEL, " ".join(lines))))
    if without_wheels:
        names = ", ".join(f"`{name}`" for name in without_wheels)
        message = f"{message}: {names} has no file that this Python and platform can use"
        return ConfigError(message, hint="require another version or package", notes=notes)
    return ConfigError(message, notes=notes)


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _pip_environment(environ: Mapping[str, str]) -> dict[str, str]:
    keys = ("no-index", *(key for key, _, _ in _TRANSLATED))
    return {key: environ[name] for key in keys if (name := "PIP_" + key.upper().replace("-", "_")) in environ}


def _pip_files(host: Host) -> dict[str, str]:
    """What pip's configuration files say; later ones win, and `[install]` and `[download]` over `[global]`."""
    values: dict[str, str] = {}
    for path in _pip_file_paths(host.environ):
        try:
            text = host.read_text(path)
            parser = configparser.RawConfigParser(strict=False)
            parser.read_string(text or "")
        except (OSError, UnicodeDecodeError, configparser.Error):
            continue
        for section in ("global", "download", "install"):
            if parser.has_section(section):
                values |= {key.replace("_", "-"): value for key, value in parser.items(section) if value}
    return values


def _pip_file_paths(environ: Mapping[str, str]) -> list[str]:
    """Where pip looks, in its order (pip's documentation, "Configuration Files")."""
    if environ.get("PIP_CONFIG_FILE") == "/dev/null":
        return []
    home = environ.get("HOME", "")
    folders = (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
    paths = [posixpath.join(folder, "pip/pip.conf") for folder in reversed(folders) if folder]
    paths.append("/etc/pip.conf")
    if home:
        paths += [posixpath.join(home, ".pip/pip.conf")]
        paths += [posixpath.join(environ.get("XDG_CONFIG_HOME") or posixpath.join(home, ".config"), "pip/pip.conf")]
    if environ.get("VIRTUAL_ENV"):
        paths.append(posixpath.join(environ["VIRTUAL_ENV"], "pip.conf"))
    if environ.get("PIP_CONFIG_FILE"):
        paths.append(environ["PIP_CONFIG_FILE"])
    return paths
