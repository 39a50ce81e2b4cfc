"""What the artifacts of one build hold, as far as that is known without running or downloading anything.

Knows where each kind of artifact is looked up, and how to forget what turned out to be gone. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from staticbuild.errors import FormatError
from staticbuild.executor.action_cache import ActionCache, Result
from staticbuild.executor.fetch import Fetcher
from staticbuild.executor.sandbox import environment
from staticbuild.executor.sources import Sources
from staticbuild.executor.store import MissingBlobError, Store
from staticbuild.graph.action import Action, Artifact, Content, Download, Member, Output, SourceFile, SourceTree
from staticbuild.graph.digest import Blobs, FileState, State, TreeState, action_digest, member
from staticbuild.graph.wire import Digest
from staticbuild.host import Host


class NotFetchedError(Exception):
    """A download whose size is not known yet, so that no digest can be computed over it."""


@dataclass(slots=True)
class States:
    """The states of sources, of downloads, and of all outputs that were learnt so far."""

    host: Host
    store: Store
    cache: ActionCache
    sources: Sources
    fetcher: Fetcher
    _outputs: dict[Output, State] = field(default_factory=dict)
    _digests: dict[Action, Digest] = field(default_factory=dict)

    def of(self, artifact: Artifact) -> State:
        """What an artifact holds. Raises NotFetchedError, MissingBlobError, and what reading a source raises."""
        match artifact:
            case Output():
                return self._outputs[artifact]
            case Content(data, executable):
                return FileState(self.store.add_bytes(data), executable)
            case SourceFile():
                return self.sources.file(artifact)
            case SourceTree():
                return self.sources.tree(artifact)
            case Member(tree, path):
                outer = self.of(tree)
                if not isinstance(outer, TreeState):
                    raise FormatError(f"`{path}` cannot be inside of a file")
                return member(outer, path, self.store)
            case Download():
                known = self.fetcher.known(artifact)
                if known is None:
                    raise NotFetchedError
                return known

    def of_inputs(self, action: Action) -> dict[str, State]:
        """What each input of `action` holds, by its path."""
        return {path: self.of(artifact) for path, artifact in action.inputs}

    def digest(self, action: Action, inputs: Mapping[str, State]) -> Digest:
        """The digest of `action` with these inputs."""
        blobs = Blobs()
        digest = action_digest(action, inputs, environment(action), blobs)
        self.store.keep_messages(blobs)
        self._digests[action] = digest
        return digest

    def learn(self, action: Action, result: Result) -> None:
        """Take up what `action` made."""
        for path, state in result.outputs:
            self._outputs[Output(action, path)] = state

    def knows(self, action: Action) -> bool:
        """Whether what `action` makes has been learnt."""
        return all(Output(action, path) in self._outputs for path, _ in action.outputs)

    def has_outputs(self, action: Action) -> bool:
        """Whether the store holds all that `action` made."""
        return all(self.store.has_all(self._outputs[Output(action, path)]) for path, _ in action.outputs)

    def is_intact(self, artifact: Artifact) -> bool:
        """Whether the store holds an artifact with the very content that it should have; a damaged one is thrown away."""
        try:
            state = self.of(artifact)
            if isinstance(state, TreeState):
                self.store.lay_out(state)
                return True
        except MissingBlobError:
            return False
        path = self.store.path_of(state)
        if path is not None and self.sources.hash_of(path) == state.digest.hash:
            return True
        if path is not None:
            self.host.remove(path)
        return False

    def forget(self, action: Action) -> None:
        """Drop what `action` made, here and in the action cache: the store lost it."""
        self.cache.forget(self._digests[action])
        for path, _ in action.outputs:
            self._outputs.pop(Output(action, path), None)

    def reread_sources(self, action: Action) -> None:
        """Read the sources among the inputs of `action` from the disk the next time."""
        for _, artifact in action.inputs:
            outer = artifact
            while isinstance(outer, Member):
                outer = outer.tree
            if isinstance(outer, SourceFile | SourceTree):
                self.sources.forget(outer)
