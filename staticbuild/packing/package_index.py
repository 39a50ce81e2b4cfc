"""Asks the package index that the user configured, through `uv`. Knows nothing of locks.

`uv` finds its own settings (environment, `uv.toml`, netrc, keyring). Those of pip are translated: its environment
variables and `pip.conf`, where uv's environment says nothing else. No index is named in our code.
"""

from __future__ import annotations

import configparser
import posixpath
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name

from staticbuild.errors import ConfigError, Problem, SourceError, StaticbuildError, ToolchainError
from staticbuild.host import Completed, DownloadError, Host

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

# How uv says that a version is there, but no wheel of it for the target.
_NO_WHEEL = re.compile(r"([A-Za-z0-9._-]+)(?:[=<>!]=?[^\s]+)? has no (?:usable wheels|wheels with a matching)")


@dataclass(frozen=True, slots=True)
class Target:
    """What is resolved for: a Python version and a platform, as `uv` writes them."""

    python: str = "3.13"
    platform: str = "x86_64-unknown-linux-musl"


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
    """The versions that go together, and which package wants which: `required_by[name]` are normal names."""

    pins: tuple[Pin, ...]
    required_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PackageIndex:
    """The user's package index, asked from the folder `root` (where `uv.toml` may lie) for one target."""

    host: Host
    root: str
    target: Target

    def resolve(self, required: Iterable[str], constraints: Iterable[str], previous: Iterable[Pin], whose: str) -> Resolution:
        """Versions that satisfy `required`, those of `previous` where they still do.

        Raises ConfigError with uv's explanation if there are none, SourceError if the index cannot be asked.
        """
        folder = self.host.temporary_dir(self.host.cache_dir)
        try:
            limits, output = posixpath.join(folder, "constraints.txt"), posixpath.join(folder, "output.txt")
            self.host.write_bytes(limits, _lines(constraints))
            self.host.write_bytes(output, _lines(map(str, previous)))
            arguments = ["--annotation-style", "line", "--constraints", limits, "--output-file", output]
            answer = self._compile(arguments, required)
            if answer.returncode:
                raise _failure(answer, f"the requirements of `{whose}` cannot be resolved")
            return parse_resolution(self.host.read_bytes(output).decode())
        finally:
            self.host.remove(folder)

    def offers(self, pins: Iterable[Pin]) -> dict[Pin, tuple[Offer, ...]]:
        """The wheels that the index has of each of `pins` for this target. Raises SourceError if it has none."""
        found: dict[Pin, tuple[Offer, ...]] = {}
        problems: list[Problem] = []
        waiting = sorted(set(pins))
        while waiting:
            # Two versions of one package cannot be asked for at once.
            batch = list({pin.name: pin for pin in reversed(waiting)}.values())
            waiting = [pin for pin in waiting if pin not in batch]
            try:
                found |= self._ask(batch)
            except SourceError as error:
                problems += error.problems
        SourceError.raise_all(problems)
        return found

    def measured(self, offer: Offer) -> Offer:
        """`offer` with the digest and size of the file itself, where the index does not say them.

        A folder of `find-links` says no sizes, an old index perhaps no digests; a lock must not depend on who is asked.
        """
        if offer.sha256 is not None and (offer.size is not None or not offer.address.startswith("file://")):
            return offer
        folder = self.host.temporary_dir(self.host.cache_dir)
        try:
            path = posixpath.join(folder, "file")
            with self.host.open_append(path) as file:
                self.host.download(offer.address, file, limit=_LARGEST)
            sha256, size = self.host.hash_file(path)
        except DownloadError as error:
            raise SourceError(f"`{offer.filename}` could not be fetched to take its digest: {error}") from error
        finally:
            self.host.remove(folder)
        if offer.sha256 not in {None, sha256}:
            raise SourceError(f"`{offer.filename}` has the sha256 {sha256}, but its index says {offer.sha256}")
        return replace(offer, sha256=sha256, size=size)

    def _ask(self, pins: Sequence[Pin]) -> dict[Pin, tuple[Offer, ...]]:
        answer = self._compile(["--no-deps", "--format", "pylock.toml"], map(str, pins))
        if not answer.returncode:
            offers = parse_offers(answer.stdout.decode("utf-8", "replace"))
            return {pin: offers.get(pin, ()) for pin in pins}
        failure = _failure(answer, "the package index has no " + ", ".join(f"`{pin}`" for pin in pins))
        if len(pins) == 1 or isinstance(failure, SourceError):
            raise SourceError.of(failure.problems)
        # One that is missing fails all: ask one by one, to name each.
        found: dict[Pin, tuple[Offer, ...]] = {}
        problems: list[Problem] = []
        for pin in pins:
            try:
                found |= self._ask([pin])
            except SourceError as error:
                problems += error.problems
        SourceError.raise_all(problems)
        return found

    def _compile(self, arguments: Sequence[str], requirements: Iterable[str]) -> Completed:
        configured = settings(self.host)
        argv = [
            *(self.host.python, "-m", "uv", "pip", "compile", "-"),
            *("--quiet", "--no-header", "--no-progress", "--color", "never"),
            *("--python", self.host.python, "--no-python-downloads"),
            *("--python-version", self.target.python, "--python-platform", self.target.platform),
            # To read the metadata of an sdist is to run its build, and sdists are of no use yet (issue 4).
            "--no-build",
            *configured.arguments,
            *arguments,
        ]
        text = _lines(requirements)
        try:
            answer = self.host.run(argv, cwd=self.root, env=configured.env, input=text, timeout=_PATIENCE)
        except TimeoutError as error:
            raise SourceError(f"the package index did not answer in {_PATIENCE:.0f} s", hint="try again") from error
        if answer.returncode and b"No module named uv" in answer.stderr:
            raise ToolchainError("the Python package `uv` is not installed", hint="install staticbuild again")
        return answer


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


def parse_resolution(text: str) -> Resolution:
    """What `uv pip compile --annotation-style line` wrote."""
    required_by: dict[Pin, tuple[str, ...]] = {}
    for line in text.splitlines():
        match = re.match(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;#]+)", line)
        if match is not None:
            wanting = (name.strip() for name in line.partition("# via ")[2].split(","))
            # What the user asked for is there as `-r -`.
            names = {canonicalize_name(name) for name in wanting if re.fullmatch(r"[A-Za-z0-9._-]+", name)}
            required_by[Pin(canonicalize_name(match["name"]), match["version"])] = tuple(sorted(names))
    return Resolution(tuple(sorted(required_by)), {pin.name: names for pin, names in required_by.items()})


def parse_offers(text: str) -> dict[Pin, tuple[Offer, ...]]:
    """The files of a `pylock.toml` (PEP 751). Raises SourceError for anything else."""
    try:
        packages = tomllib.loads(text).get("packages", [])
        return {
            Pin(canonicalize_name(package["name"]), str(package["version"])): tuple(
                _offer(file) for file in (*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else []))
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
        return ConfigError(
            f"{message}: {names} has no pure-Python wheel, so it needs a C extension or a build from its sources",
            hint="packages with C extensions and sdists cannot be linked yet: require another version or package",
            notes=notes,
        )
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
