"""What one answer makes: the templates of its kind and its backing service, rendered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from seatrial.scaffold.answers import backing_service, is_shared
from seatrial.scaffold.kinds import BACKINGS, KINDS, NODE, PYTHON
from seatrial.scaffold.model import Answers, File, ServiceAnswer, Tree
from seatrial.scaffold.rendering import render


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of one service, by where they belong.

    ``service`` are its own, below ``services/<name>/``; each of ``fragments`` is laid over the
    root, in order, and so is ``shared``, which other services may have brought along before.
    ``stack`` is what the first service with containers brings along, empty for one that has none.
    """

    name: str
    service: Tree
    fragments: tuple[Tree, ...]
    shared: Tree
    stack: Tree

    def paths(self) -> set[str]:
        """Return the paths of all files."""
        return {
            path
            for tree in (*self.fragments, self.shared, self.service, self.stack)
            for path in tree
        }


def project_files(answers: Answers, templates: Path) -> dict[str, File]:
    """Return the files of a repository without services."""
    values = {**_common(answers.project), "forges": answers.forges}
    return render(templates / "project", {}, values)


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
    fragments = [render(layer / "repository", names, values) for layer in layers]
    shared: Tree = {}
    if answer.backing:
        shared = render(templates / "backings" / answer.backing / "repository", names, values)
        if not is_shared(answer.backing):
            fragments, shared = [*fragments, shared], {}
    folder = f"services/{answer.name}"
    return Parts(
        answer.name,
        {f"{folder}/{path}": file for path, file in own.items()},
        tuple(fragments),
        shared,
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
