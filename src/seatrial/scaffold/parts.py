"""What one answer makes: the templates of its kind and its backing service, rendered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from seatrial.scaffold.answers import backing_service
from seatrial.scaffold.kinds import BACKINGS, KINDS, NODE, PYTHON
from seatrial.scaffold.model import File, ServiceAnswer, Tree
from seatrial.scaffold.rendering import render


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of one service, by where they belong.

    ``service`` are its own, below ``services/<name>/``; each of ``fragments`` is laid over the
    root, in order. ``stack`` is what the first service with containers brings along, empty for one
    that has none.
    """

    name: str
    service: Tree
    fragments: tuple[Tree, ...]
    stack: Tree

    def paths(self) -> set[str]:
        """Return the paths of all files."""
        return {path for tree in (self.service, self.stack, *self.fragments) for path in tree}


def project_files(project: str, templates: Path) -> dict[str, File]:
    """Return the files of a repository without services."""
    return render(templates / "project", {}, _common(project))


def service_parts(answer: ServiceAnswer, project: str, templates: Path) -> Parts:
    """Return the files that ``answer`` makes in a repository called ``project``."""
    kind = templates / "kinds" / answer.kind
    layers = [kind]
    if answer.backing:
        layers.append(kind / f"with-{answer.backing}")
    values = _values(answer, project)
    names = {"_service_": answer.name, "_package_": answer.package}
    own: dict[str, File] = {}
    for layer in layers:
        # What a backing service needs otherwise takes the place of the kind's own file.
        own |= render(layer / "service", names, values)
    roots = [layer / "repository" for layer in layers]
    if answer.backing:
        roots.append(templates / "backings" / answer.backing / "repository")
    fragments = tuple(tree for root in roots if (tree := render(root, names, values)))
    folder = f"services/{answer.name}"
    return Parts(
        answer.name,
        {f"{folder}/{path}": file for path, file in own.items()},
        fragments,
        render(templates / "stack", {}, _common(project)) if "Dockerfile" in own else {},
    )


def _common(project: str) -> dict[str, object]:
    return {"project": project, "python": PYTHON, "node": NODE}


def _values(answer: ServiceAnswer, project: str) -> dict[str, object]:
    kind = KINDS[answer.kind]
    backing = BACKINGS.get(answer.backing)
    name = backing_service(answer.name, backing) if backing else ""
    return {
        **_common(project),
        "service": answer.name,
        "package": answer.package,
        "env": answer.env,
        "kind": answer.kind,
        "backing": answer.backing,
        "backing_service": name,
        "backing_image": backing.image if backing else "",
        "backing_env": name.replace("-", "_").upper(),
        "backing_port": answer.backing_port,
        "port": kind.port or 0,
        "host_port": answer.host_port,
        "upstream": answer.upstream,
        "upstream_port": answer.upstream_port,
    }
