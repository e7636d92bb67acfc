"""From files to one canonical tree: read, interpolate, check, include, extend, merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seatrial.composefile.canonical import absolute, canonical, scalar_text
from seatrial.composefile.envfile import read_env_file
from seatrial.composefile.interpolate import OnUnset, interpolate
from seatrial.composefile.merge import merge, tidy
from seatrial.composefile.reading import read_tree
from seatrial.composefile.schema import check_document, nearest
from seatrial.composefile.tree import ListNode, MapNode, Node, is_null
from seatrial.errors import ConfigError, Where

_NO_FILE = Path("/dev/null")
_SECTIONS = ("services", "networks", "volumes", "secrets", "configs", "models")


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Reads files that share a folder and variables; ``chain`` are the files that include them."""

    folder: Path
    variables: Mapping[str, str]
    on_unset: OnUnset
    chain: tuple[Path, ...] = ()

    def gather(self, files: Sequence[Path]) -> MapNode:
        """Return all documents of ``files`` laid over each other; raises ``ConfigError``."""
        merged = MapNode({}, Where(files[0]))
        for file in files:
            for document in self._documents(file):
                included = self._include(document, file)
                merged = merge(merged, self._extend(included, file))
        return tidy_map(merged)

    def _documents(self, file: Path) -> list[MapNode]:
        trees = []
        for tree in read_tree(file):
            root = interpolate(tree, self.variables, self.on_unset)
            assert isinstance(root, MapNode)
            check_document(root)
            trees.append(canonical(root, self.folder))
        return trees

    def _include(self, document: MapNode, file: Path) -> MapNode:
        entries = document.get("include")
        if not isinstance(entries, ListNode):
            return document
        chain = (*self.chain, file.resolve())
        for entry in entries.items:
            included = self._included(entry, chain)
            sections: dict[str, Node] = {
                name: included.items[name] for name in _SECTIONS if name in included.items
            }
            document = merge(MapNode(sections, included.where), document)
        return document

    def _included(self, entry: Node, chain: tuple[Path, ...]) -> MapNode:
        paths = _strings(entry.get("path") if isinstance(entry, MapNode) else entry)
        files = [Path(absolute(text, self.folder)) for text in paths]
        if not files:
            raise ConfigError("include needs a path", where=entry.where, mend="add path:")
        if files[0].resolve() in chain:
            raise ConfigError(
                f"{files[0].name} includes itself", where=entry.where, mend="remove one include"
            )
        _require(files, entry.where)
        given = entry if isinstance(entry, MapNode) else MapNode({}, entry.where)
        own = scalar_text(given.get("project_directory"))
        folder = Path(absolute(own, self.folder)) if own else files[0].parent
        env_files = [Path(absolute(text, self.folder)) for text in _strings(given.get("env_file"))]
        # Compose takes /dev/null for "no file, not even .env".
        named = [path for path in env_files if path != _NO_FILE]
        _require(named, given.where)
        if not env_files and (folder / ".env").is_file():
            named = [folder / ".env"]
        found: dict[str, str] = {}
        for path in named:
            found = read_env_file(path, self.variables, self.on_unset, found)
        variables = {**found, **self.variables}
        return Gatherer(folder, variables, self.on_unset, chain).gather(files)

    def _extend(self, document: MapNode, file: Path) -> MapNode:
        services = document.get("services")
        if not isinstance(services, MapNode):
            return document
        extended = {name: self._extended(name, services, file, ()) for name in services.items}
        items = {**document.items, "services": replace(services, items=extended)}
        return replace(document, items=items)

    def _extended(
        self, name: str, services: MapNode, file: Path, seen: tuple[tuple[Path, str], ...]
    ) -> Node:
        service = services.items[name]
        extends = service.get("extends") if isinstance(service, MapNode) else None
        if not isinstance(service, MapNode) or not isinstance(extends, MapNode):
            return service
        if (file, name) in seen:
            raise ConfigError(
                f"service {name!r} extends itself", where=extends.where, mend="break the circle"
            )
        wanted = scalar_text(extends.get("service"))
        other = scalar_text(extends.get("file"))
        base_file = Path(other) if other else file
        siblings = self._services_of(base_file, extends.where) if other else services
        if wanted not in siblings.items:
            raise ConfigError(
                f"service {name!r} extends {wanted!r}, which is not in {base_file.name}",
                where=extends.where,
                mend=nearest(wanted, siblings.items) or "name a service of that file",
            )
        base = self._extended(wanted, siblings, base_file, (*seen, (file, name)))
        own = {key: node for key, node in service.items.items() if key != "extends"}
        if not isinstance(base, MapNode):
            return replace(service, items=own)
        return merge(base, replace(service, items=own), ("services", name))

    def _services_of(self, file: Path, where: Where) -> MapNode:
        _require([file], where)
        reader = replace(self, folder=file.parent)
        merged = MapNode({}, Where(file))
        for document in reader._documents(file):
            merged = merge(merged, document)
        services = merged.get("services")
        return services if isinstance(services, MapNode) else MapNode({}, Where(file))


def tidy_map(node: MapNode) -> MapNode:
    """Return a document without reset marks and doubles."""
    tidied = tidy(node)
    assert isinstance(tidied, MapNode)
    return tidied


def _strings(node: Node | None) -> list[str]:
    if is_null(node):
        return []
    return (
        [scalar_text(item) for item in node.items]
        if isinstance(node, ListNode)
        else [scalar_text(node)]
    )


def _require(files: Sequence[Path], where: Where) -> None:
    for file in files:
        if not file.is_file():
            raise ConfigError(f"no file {file}", where=where, mend="create it or correct the path")
