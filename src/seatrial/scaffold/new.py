"""``seatrial new``: where a repository may be made, and the files of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from seatrial import __version__
from seatrial.config import FILE_NAME
from seatrial.errors import UsageError, Where
from seatrial.host.changes import Change, apply
from seatrial.scaffold.answers import Wish, answer
from seatrial.scaffold.building import build
from seatrial.scaffold.model import Answers, File, Tree
from seatrial.scaffold.names import check_project, slug
from seatrial.scaffold.record import RECORD, Record, dump, pristine

_SHOWN = 3


def check_target(folder: Path) -> Path:
    """Return the real path of ``folder`` if a repository can be made there.

    It is not there yet, or empty but for git's own folder, and no service of another repository.
    Raises ``UsageError``.
    """
    try:
        place = folder.resolve()
        there = sorted(entry.name for entry in place.iterdir() if entry.name != ".git")
    except (FileNotFoundError, NotADirectoryError):
        there = []
    except (OSError, RuntimeError) as error:
        # A loop of links is a RuntimeError before Python 3.13.
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"the folder cannot be looked into: {reason.lower()}",
            where=Where(folder),
            mend="choose another folder",
        ) from None
    at = next((at for at in (place, *place.parents) if os.path.lexists(at)), place)
    if not at.is_dir():
        raise UsageError("this is a file, not a folder", where=Where(at), mend="choose another")
    if there:
        shown = ", ".join(there[:_SHOWN]) + (", …" if len(there) > _SHOWN else "")
        raise UsageError(
            f"the folder is not empty: {shown}",
            where=Where(folder),
            mend="choose a new one; `seatrial init` adopts a repository that is there",
        )
    if not os.access(at, os.W_OK | os.X_OK):
        raise UsageError("no permission to write here", where=Where(at), mend="choose another")
    _check_outside(place)
    return place


def project_name(place: Path, asked: str | None) -> str:
    """Return the project's name: what was asked for, else the folder's made fit.

    Raises ``UsageError`` where neither can be one.
    """
    if asked is not None:
        return check_project(asked)
    name = slug(place.name)
    if not name:
        raise UsageError(
            f"the folder's name, {place.name!r}, does not make a project's name",
            mend="say it: --name shop",
        )
    return check_project(name[:63].strip("-"))


def new_tree(
    project: str, wishes: Sequence[Wish], templates: Path, forges: tuple[str, ...] = ()
) -> tuple[Answers, Tree]:
    """Return the answers and all files of a new repository, its record included. Pure.

    ``forges`` are the CI systems to write workflows for.
    """
    answers = Answers(project, answer(wishes), forges)
    files = build(answers, templates)
    record = Record(__version__, answers, pristine(files))
    return answers, {**files, RECORD: File(dump(record))}


def write(place: Path, tree: Tree) -> None:
    """Write a new repository, whole or not at all. Raises ``EnvironmentFailure``."""
    apply(
        Change(place / path, file.text.encode(), executable=file.executable)
        for path, file in tree.items()
    )


def _check_outside(place: Path) -> None:
    for at in place.parents:
        marks = (RECORD, FILE_NAME, "deploy/test")
        root = at.parent
        if at.name == "services" and any((root / mark).exists() for mark in marks):
            raise UsageError(
                f"this would be a service of the repository {root}",
                where=Where(place),
                mend=f"`seatrial -C {root} add NAME --kind KIND` adds a service to it",
            )
