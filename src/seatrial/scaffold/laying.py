"""One service's files laid over a tree: what is written, what is wired, what is in the way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from seatrial.errors import UsageError
from seatrial.scaffold.model import File, Tree
from seatrial.scaffold.parts import Parts
from seatrial.scaffold.wiring import Wire, makefile, wire_of, workflow
from seatrial.scaffold.wiring.base import Wiring
from seatrial.scaffold.workflows import is_workflow

MAKEFILE = "Makefile"
STACK_MARK = "deploy/test/docker-compose.yml"


@dataclass(frozen=True, slots=True)
class Laid:
    """What came of it.

    ``files`` are the new and the changed files, whole. ``wired`` says for each changed file which
    entries were added and which were there. ``kept`` are files of the stack that were there and are
    left as they are, ``absent`` those that entries would have gone into, had they not been removed.
    """

    files: Tree
    wired: Mapping[str, Wiring] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


def lay(
    tree: Tree,
    parts: Parts,
    *,
    with_stack: bool,
    removed: Collection[str] = (),
    own_makefile: bool = True,
    renewed: bool = False,
) -> Laid:
    """Lay ``parts`` over ``tree``, which is not changed. Pure.

    ``tree`` holds at least those of its files that ``parts`` names, the Makefile and the workflows
    of the scaffold. ``removed`` are files that must not come back. Where ``own_makefile`` is false,
    a Makefile without a list of services is left alone; where the service is ``renewed``, its own
    entries may be there.

    Raises ``UsageError`` where files or entries are in the way, ``ConfigError`` where a file cannot
    be wired.
    """
    over = _Over(tree, frozenset(removed))
    if with_stack:
        over.add_stack(parts.stack)
    over.add_new(parts.service)
    for fragment in parts.fragments:
        over.add_fragment(fragment, own=not renewed)
    over.add_fragment(parts.shared, own=False)
    over.check()
    over.wire_makefile(parts.name, own_makefile)
    for path in filter(is_workflow, tree):
        over.wire(path, lambda text: workflow.wire(text, parts.name), needed=False)
    return over.laid()


class _Over:
    """The tree with what was laid over it so far."""

    def __init__(self, tree: Tree, removed: frozenset[str]) -> None:
        self._tree = tree
        self._removed = removed
        self._files: dict[str, File] = {}
        self._wired: dict[str, Wiring] = {}
        self._kept: list[str] = []
        self._absent: list[str] = []
        self._in_the_way: list[str] = []
        self._taken: list[str] = []

    def add_stack(self, files: Tree) -> None:
        for path, file in files.items():
            if path in self._tree:
                self._kept += [] if wire_of(path) else [path]
            else:
                self._files[path] = file

    def add_new(self, files: Tree) -> None:
        self._in_the_way += (path for path in files if path in self._tree)
        self._files |= files

    def add_fragment(self, files: Tree, own: bool) -> None:
        for path, file in files.items():
            wire = wire_of(path)
            if wire is not None and (self._has(path) or path in self._removed):
                there = self.wire(path, _bound(wire, file.text, path))
                if own:
                    self._taken += (f"{name} in {path}" for name in there if _is_service(name))
            elif self._has(path):
                self._in_the_way.append(path)
            else:
                self._files[path] = file

    def wire(
        self, path: str, wire: Callable[[str], Wiring], needed: bool = True
    ) -> tuple[str, ...]:
        """Wire a file; return the entries that were there."""
        if not self._has(path):
            self._absent += [path] if needed else []
            return ()
        before = self._files.get(path) or self._tree[path]
        done = wire(before.text)
        if done.text != before.text:
            self._files[path] = File(done.text, before.executable)
        so_far = self._wired.get(path, Wiring(""))
        self._wired[path] = Wiring(
            done.text, (*so_far.added, *done.added), (*so_far.there, *done.there)
        )
        return done.there

    def wire_makefile(self, service: str, own: bool) -> None:
        """Add a service to the Makefile; one that is not our ``own`` need not have the list."""
        there = self._tree.get(MAKEFILE)
        if there is not None and not own and not makefile.lists_services(there.text):
            self._absent.append(MAKEFILE)
            return
        self.wire(MAKEFILE, lambda text: makefile.wire(text, service, MAKEFILE), needed=own)

    def check(self) -> None:
        if self._in_the_way:
            shown = ", ".join(_shortened(self._in_the_way))
            raise UsageError(
                f"files are there already, and would be overwritten: {shown}",
                mend="move them away or choose another name; nothing was written",
            )
        if self._taken:
            raise UsageError(
                f"another service has taken what this one needs: {self._taken[0]}",
                mend="choose another name for one of the two; nothing was written",
            )

    def laid(self) -> Laid:
        wired = {path: done for path, done in self._wired.items() if path in self._tree}
        return Laid(self._files, wired, tuple(self._kept), tuple(dict.fromkeys(self._absent)))

    def _has(self, path: str) -> bool:
        return path in self._files or (path in self._tree and path not in self._removed)


def _bound(wire: Wire, fragment: str, path: str) -> Callable[[str], Wiring]:
    return lambda text: wire(text, fragment, path)


def _is_service(entry: str) -> bool:
    return entry.startswith("services.")


def _shortened(paths: list[str], most: int = 3) -> list[str]:
    more = len(paths) - most
    return [*paths[:most], f"and {more} more"] if more > 0 else paths
