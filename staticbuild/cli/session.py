"""Puts the layers together for one command: the workspace, its rules, and a build. Prints nothing."""

from __future__ import annotations

import contextlib
import hashlib
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from staticbuild.cli.answers import Answers
from staticbuild.cli.workspace_files import WorkspaceFiles
from staticbuild.config.isolation import in_asking_child, in_child
from staticbuild.config.loader import Dialect, Workspace
from staticbuild.config.loader import Settings as ConfigSettings
from staticbuild.distribution.catalog import FILENAME as CATALOG_NAME
from staticbuild.distribution.catalog import OWN as OWN_CATALOG
from staticbuild.distribution.catalog import Catalog
from staticbuild.errors import ConfigError, Location, Problem, SourceError, ToolchainError
from staticbuild.executor.action_cache import ActionCache
from staticbuild.executor.crates import CrateRegistry
from staticbuild.executor.events import Listener, Warned
from staticbuild.executor.fetch import Fetcher, FetchSettings, Resolver
from staticbuild.executor.journal import Journal
from staticbuild.executor.leftovers import clean_after_dead_builds
from staticbuild.executor.places import DebianArchive
from staticbuild.executor.run import Build
from staticbuild.executor.run import Settings as RunSettings
from staticbuild.executor.sandbox import Sandbox
from staticbuild.executor.sources import Sources
from staticbuild.executor.store import Store
from staticbuild.graph.action import Artifact, Download
from staticbuild.graph.label import Label
from staticbuild.host import Host
from staticbuild.packing.addresses import Addresses
from staticbuild.packing.lock import FILENAME as LOCK_NAME
from staticbuild.packing.lock import File, Lock
from staticbuild.packing.package_index import PackageIndex, Pin
from staticbuild.packing.package_index import Target as IndexTarget
from staticbuild.rules.context import Context
from staticbuild.rules.providers import Executable, outputs_of, triple_of
from staticbuild.rules.registry import ANALYSERS, RULES

CONFIG_NAME = "staticbuild.bzl"
# What is looked for where the native config is not; its platform, where the command line names none, is that of PyOxidizer.
PYOXIDIZER_NAME = "pyoxidizer.bzl"
PYOXIDIZER_TRIPLE = "x86_64-unknown-linux-gnu"
# Stands for all that a `pyoxidizer.bzl` registers.
ALL_TARGETS = ("*",)
# Sources are built in private folders inside of the cache, with make and configure scripts, which know no quoting.
_UNUSABLE = re.compile(r"[^\w/.+@%=,-]")
DEFAULT_TRIPLE = "x86_64-unknown-linux-musl"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says, the same for all commands.

    `target` None is the config's default. `folder` is where a config is looked for. `wanted` are names of targets (None: the
    default one), which a `pyoxidizer.bzl` resolves while it is evaluated; `from_environment` maps its variables to those of
    the environment.
    """

    file: str | None = None
    folder: str | None = None
    target: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    from_environment: Mapping[str, str] = field(default_factory=dict)
    wanted: tuple[str, ...] | None = None
    release: bool = False
    jobs: int | None = None
    offline: bool = False
    mirrors: tuple[str, ...] = ()
    keep_going: bool = False
    keep_failed: bool = False


@dataclass(slots=True)
class Session:
    """One command's view of a workspace. `root` is the folder of the config, `triple` the platform of the build."""

    host: Host
    options: Options
    listener: Listener
    root: str
    triple: str
    is_pyoxidizer: bool
    workspace: Workspace
    context: Context
    _lock: Lock | None = None

    @classmethod
    def open(cls, host: Host, options: Options, listener: Listener) -> Session:
        """The workspace around the current folder, or of the file that was named. Raises ConfigError if there is none."""
        file = options.file or (host.environ.get("PYOXIDIZER_CONFIG") if options.folder is None else None)
        root, config_name = find_workspace(host, file, options.folder)
        is_pyoxidizer = config_name.endswith(PYOXIDIZER_NAME)
        triple = options.target or (PYOXIDIZER_TRIPLE if is_pyoxidizer else DEFAULT_TRIPLE)
        roots = {"": root, "stdlib": standard_rules(host)}
        session = cls(host, options, listener, root, triple, is_pyoxidizer, None, None)  # type: ignore[arg-type] # set below
        dialect = None
        if is_pyoxidizer:
            variables = {name: host.environ.get(variable) for name, variable in options.from_environment.items()}
            dialect = Dialect(root, Answers(session), options.wanted, variables)
        session.workspace = Workspace(
            files={repo: WorkspaceFiles(host, folder) for repo, folder in roots.items()},
            rules=RULES,
            settings=ConfigSettings(triple, options.variables, config_name, dialect),
            clock=host.now,
            isolate=in_child,
            isolate_asking=in_asking_child,
            on_print=lambda where, text: listener(Warned(f"{where}: {text}")),
        )
        session.context = Context(
            host, session.workspace, ANALYSERS, roots, own_folder(host), triple, session.read_lock, session.read_catalog
        )
        return session

    @property
    def lock_path(self) -> str:
        """Where the lock file is, or would be."""
        return f"{self.root}/{LOCK_NAME}"

    @property
    def key(self) -> str:
        """A name for this workspace among all of this user."""
        return hashlib.sha256(self.root.encode("utf-8", "surrogateescape")).hexdigest()[:24]

    def read_lock(self) -> Lock | None:
        """The lock file, None if there is none. Raises ConfigError for one that is damaged or too old."""
        if self._lock is None:
            self._lock = self.read_any_lock(older=False)
        return self._lock

    def read_any_lock(self, *, older: bool = True) -> Lock | None:
        """The same, of an older version too: to renew it."""
        try:
            text = self.host.read_text(self.lock_path)
        except UnicodeDecodeError as error:
            raise ConfigError("this is not text in UTF-8", where=Location(LOCK_NAME, 1)) from error
        return Lock.parse(text, LOCK_NAME, older=older) if text is not None else None

    def write_lock(self, lock: Lock) -> None:
        """Write the lock file, and use it from now on."""
        self.host.write_bytes(self.lock_path, lock.to_text().encode())
        self._lock = lock

    @property
    def catalog_path(self) -> str:
        """Where the workspace's catalog of distributions is, or would be."""
        return f"{self.root}/{CATALOG_NAME}"

    def read_catalog(self) -> Catalog:
        """The workspace's catalog and staticbuild's own. Raises ConfigError for one that is damaged."""
        own = read_catalog(self.host, f"{own_folder(self.host)}/staticbuild/{OWN_CATALOG}", OWN_CATALOG)
        return own.merged(read_catalog(self.host, self.catalog_path, CATALOG_NAME), CATALOG_NAME)

    def label(self, text: str) -> Label:
        """The label that somebody wrote on the command line."""
        label = Label.parse(text)
        self.workspace.target(label)
        return label

    def executables(self) -> list[Label]:
        """All executables of the workspace, in the order of `Workspace.targets`."""
        return [target.label for target in self.workspace.targets() if target.rule == "python_executable"]

    def output_folder(self, label: Label, triple: str | None = None) -> str:
        """Where the results of a target are put; `triple` is what they are for, where it is not what the command line says."""
        repo = f"@{label.repo}" if label.repo else ""
        if self.is_pyoxidizer and not label.repo:
            # The folders that PyOxidizer has, which scripts that copy results know.
            profile = "release" if self.options.release else "debug"
            return f"{self._build_folder()}/{self.triple}/{profile}/{label.name}"
        parts = [self.root, "build", triple or self.triple, repo, label.package, label.name]
        return "/".join(filter(None, parts))

    def _build_folder(self) -> str:
        """Where a `pyoxidizer.bzl` wants results to be."""
        for target in self.workspace.package("", "").values():
            if target.rule == "pyoxidizer_target" and target.attributes["build_path"]:
                return posixpath.normpath(posixpath.join(self.root, str(target.attributes["build_path"])))
        return f"{self.root}/build"

    def default_target(self) -> Label:
        """The target of a `pyoxidizer.bzl` that is built where none is named. Raises ConfigError if there is none."""
        for target in self.workspace.package("", "").values():
            if target.rule == "pyoxidizer_target" and target.attributes["default"]:
                return target.label
        raise ConfigError("this config registers no target", hint='call `register_target("exe", make_exe)`')

    def program(self, label: Label) -> str:
        """The path that the program of a target will have. Raises ConfigError for a target without one."""
        provider = self.context.provider(label)
        name = provider.name if isinstance(provider, Executable) else getattr(provider, "program", None)
        if name is None:
            raise ConfigError(f"`{label.short}` is nothing that can be run", hint="`staticbuild targets` lists what there is")
        return f"{self.output_folder(label, triple_of(provider))}/{name}"

    def installs(self, label: Label) -> Iterator[tuple[str, Mapping[str, Artifact]]]:
        """What a target of a `pyoxidizer.bzl` installs elsewhere, as a folder and files."""
        target = self.workspace.target(label)
        for install in cast("tuple[Mapping[str, object], ...]", target.attributes.get("installs") or ()):
            yield str(install["folder"]), outputs_of(self.context.provider(cast("Label", install["files"])))

    def analyse(self, labels: Iterable[Label]) -> None:
        """Turn targets into actions, with all that they need. Raises ConfigError."""
        for label in labels:
            self.context.provider(label)

    @contextlib.contextmanager
    def build(self) -> Iterator[Build]:
        """A build in the user's cache; ends whatever it started."""
        host, cache_root = self.host, self.host.cache_dir
        if _UNUSABLE.search(cache_root):
            raise ToolchainError(
                f"the cache is in `{cache_root}`, and Makefiles cannot name a file with such a path",
                hint="set $STATICBUILD_CACHE to a path of letters, digits and `/._+@%=,-`",
            )
        # Not for other users of this machine: it holds what will be run, and private sources.
        host.make_dirs(cache_root, mode=0o700)
        clean_after_dead_builds(host, cache_root)
        run = f"run-{host.unique()}"
        run_path = f"{cache_root}/{run}"
        store = Store(host, cache_root)
        resolvers: dict[str, Resolver] = {
            "debian": DebianArchive(host),
            "crate": CrateRegistry(host),
            "index": self._index_addresses,
        }
        journal = Journal(host, f"{cache_root}/workspaces/{self.key}.journal")
        sources = Sources(host, store, f"{cache_root}/workspaces/{self.key}.sources")
        journal.load()
        sources.load()
        # Locked before it exists: another build removes folders whose lock is free.
        with host.lock(f"{cache_root}/locks/{run}"):
            host.make_dirs(run_path, mode=0o700)
            try:
                yield Build(
                    host=host,
                    store=store,
                    cache=ActionCache(host, cache_root),
                    sources=sources,
                    sandbox=Sandbox(host, store, run_path),
                    fetcher=Fetcher(
                        host, store, resolvers, FetchSettings(offline=self.options.offline, mirrors=self.options.mirrors)
                    ),
                    journal=journal,
                    settings=RunSettings(
                        jobs=self.options.jobs or host.cpus,
                        keep_going=self.options.keep_going,
                        keep_failed=self.options.keep_failed,
                    ),
                    listener=self.listener,
                )
            finally:
                if not self.options.keep_failed:
                    host.remove(run_path)
                host.remove(f"{cache_root}/locks/{run}")

    def _index_addresses(self, download: Download, _: str) -> list[str]:
        pin, file = Pin(download.name, download.version), File(download.filename, download.sha256)
        problems: list[Problem] = []
        for addresses in self.context.shared("addresses", self._addresses):
            try:
                if addresses.knows(pin):
                    return list(addresses.of(pin, file))
            except SourceError as error:
                problems += error.problems
        SourceError.raise_all(problems[:1])
        return []

    def _addresses(self) -> list[Addresses]:
        """Where the files of the lock are, for each version of Python: an index is asked for one at a time."""
        lock = self.read_lock() or Lock()
        return [
            Addresses(PackageIndex(self.host, self.root, IndexTarget(python), self.options.offline), files)
            for python, files in lock.files_by_python().items()
        ]


def read_catalog(host: Host, path: str, name: str) -> Catalog:
    """The catalog in the file `path`, an empty one if there is none. Raises ConfigError for one that is damaged."""
    try:
        text = host.read_text(path)
    except UnicodeDecodeError as error:
        raise ConfigError("this is not text in UTF-8", where=Location(name, 1)) from error
    return Catalog.parse(text, name) if text is not None else Catalog()


def find_workspace(host: Host, file: str | None, start: str | None = None) -> tuple[str, str]:
    """The folder and the name of the config: `file`, or the nearest from the folder `start` (here) upwards.

    In one folder, a `staticbuild.bzl` comes before a `pyoxidizer.bzl`.
    """
    if file is not None:
        path = file if file.startswith("/") else f"{host.cwd}/{file}"
        if host.is_dir(path):
            path = f"{path.rstrip('/')}/{CONFIG_NAME}"
        if host.fingerprint(path) is None:
            raise ConfigError(f"there is no file `{file}`", hint="name a config with `-f`, or make one: `staticbuild init`")
        folder, _, name = path.rpartition("/")
        return folder or "/", name
    folder = posixpath.normpath(posixpath.join(host.cwd, start or ""))
    if start is not None and not host.is_dir(folder):
        raise ConfigError(f"there is no folder `{start}`")
    while True:
        for name in (CONFIG_NAME, PYOXIDIZER_NAME):
            if host.fingerprint(f"{folder}/{name}") is not None:
                return folder, name
        parent = folder.rpartition("/")[0]
        if not folder or parent == folder:
            raise ConfigError(
                f"there is no `{CONFIG_NAME}` in {'this folder' if start is None else f'`{start}`'} or above it",
                hint="make one with `staticbuild init`, or name one with `-f path/to/staticbuild.bzl`",
            )
        folder = parent


def own_folder(host: Host) -> str:
    """The folder that holds the package `staticbuild`."""
    return host.package_folder("staticbuild").rpartition("/")[0]


def standard_rules(host: Host) -> str:
    """The folder `stdlib`: inside of the installed package, or beside it in a checkout."""
    package = host.package_folder("staticbuild")
    installed = f"{package}/stdlib"
    return installed if host.is_dir(installed) else f"{package.rpartition('/')[0]}/stdlib"
