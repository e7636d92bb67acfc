"""Workflows of CI systems: which files there are, with which actions, for which services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from seatrial import __version__
from seatrial.discover.root import load_config
from seatrial.discover.services import find_services
from seatrial.scaffold.kinds import NODE
from seatrial.scaffold.model import FORGES, GITEA, GITHUB, Answers, File
from seatrial.scaffold.rendering import render
from seatrial.scaffold.wiring.workflow import flow_word

FOLDERS: Mapping[str, str] = {forge: f".{forge}/workflows/" for forge in FORGES}

# Each by the commit of its version: a tag can be moved, a commit cannot. Those of Gitea run on
# Node.js 20, which its runners have had for longer, and its artifacts need the third version.
_UPLOAD_3 = "c24449f33cd45d4826c6702db7e49f7cdb9b551d # v3.2.1-node20"
_ACTIONS: Mapping[str, Mapping[str, str]] = {
    GITHUB: {
        "checkout": "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
        "setup_uv": "astral-sh/setup-uv@20cfd1bf945f4377ade1205e4dbc17946fc9a30d # v10.0.1",
        "setup_node": "actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0",
        "restore": "actions/cache/restore@27d5ce7f107fe9357f9df03efb73ab90386fccae # v5.0.5",
        "save": "actions/cache/save@27d5ce7f107fe9357f9df03efb73ab90386fccae # v5.0.5",
        "upload": "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0",
        "download": "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1",
        "buildx": "docker/setup-buildx-action@37fe631027851001ddb9b187196cc803df7f5f0e # v4.3.0",
    },
    GITEA: {
        "checkout": "actions/checkout@11d5960a326750d5838078e36cf38b85af677262 # v4.4.0",
        "setup_uv": "astral-sh/setup-uv@d0cc045d04ccac9d8b7881df0226f9e82c39688e # v6.8.0",
        "setup_node": "actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0",
        "upload": f"actions/upload-artifact@{_UPLOAD_3}",
        "buildx": "docker/setup-buildx-action@8d2750c68a42422c14e847fe6c8ac0403b4cbd6f # v3.12.0",
    },
}


def workflow_files(
    forges: Iterable[str], services: Iterable[str], templates: Path, *, lints: bool = True
) -> dict[str, File]:
    """Return the workflows of ``forges`` for a repository with ``services``.

    ``lints`` says that its Makefile has a target ``lint-<service>`` for each of them.
    """
    names = [flow_word(name) for name in services]
    values = {"version": __version__, "node": NODE, "services": names, "lints": lints}
    files: dict[str, File] = {}
    for forge in forges:
        files |= render(templates / "ci" / forge, {}, {**values, **_ACTIONS[forge]})
    return files


def is_workflow(path: str) -> bool:
    """Return whether a file lies where a CI system looks for workflows."""
    return path.startswith(tuple(FOLDERS.values()))


def services_of(root: Path, answers: Answers) -> tuple[str, ...]:
    """Return the services that are there: in the order of the answers, then those made by hand.

    Raises ``ConfigError``.
    """
    there = [service.name for service in find_services(root, load_config(root))]
    asked = [service.name for service in answers.services]
    return (*(name for name in asked if name in there), *(n for n in there if n not in asked))
