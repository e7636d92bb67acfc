"""Workflows brought up to date: the part of an update that ``seatrial ci`` does by itself.

The services that are in the repository now, not those of the answers, are what workflows name. All
other files of the scaffold, and the record's version, stay as they are.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from seatrial import __version__
from seatrial.errors import UsageError
from seatrial.host.changes import Change as NewFile
from seatrial.host.changes import apply
from seatrial.host.processes import Processes
from seatrial.scaffold.fates import Update
from seatrial.scaffold.model import FORGES, Answers
from seatrial.scaffold.names import slug
from seatrial.scaffold.record import RECORD, Record, dump, load
from seatrial.scaffold.update import update
from seatrial.scaffold.updating import check_version, compared, workflows
from seatrial.scaffold.updating import write as write_update
from seatrial.scaffold.workflows import FOLDERS, is_workflow


@dataclass(frozen=True, slots=True)
class Keeping:
    """What keeps the workflows of ``forges`` true: the ``update`` of those files alone.

    ``is_new`` says that the repository has no record yet; then one is made.
    """

    forges: tuple[str, ...]
    update: Update
    is_new: bool


async def prepare(
    root: Path, asked: Iterable[str], templates: Path, processes: Processes
) -> Keeping:
    """Return what makes the workflows what they would be if they were made now.

    ``asked`` are CI systems beside those that the record names. Nothing is written. Raises
    ``UsageError`` where no CI system is known or a newer seatrial was here, ``ConfigError`` where
    the record cannot be used or conflicts are not resolved, ``RuntimeMissing`` and
    ``EnvironmentFailure`` as an update does.
    """
    is_new = not os.path.lexists(root / RECORD)
    record = Record(__version__, Answers(slug(root.name) or "app"), {}) if is_new else load(root)
    check_version(root, record, __version__)
    forges = _forges(root, record, asked)
    wanted = replace(record, answers=replace(record.answers, forges=forges))
    mine = {path: file for path, file in record.files.items() if is_workflow(path)}
    part = replace(wanted, files=mine)
    tree = workflows(root, wanted, templates)
    changes = await compared(root, part, tree, __version__, processes)
    others = {path: file for path, file in record.files.items() if path not in mine}
    one = update(record, record.version, changes)
    return Keeping(forges, replace(one, answers=wanted.answers, others=others), is_new)


def write(root: Path, keeping: Keeping) -> None:
    """Write the workflows and the record. Raises ``EnvironmentFailure``."""
    if keeping.is_new:
        apply([NewFile(root / RECORD, dump(keeping.update.record).encode())])
    for _ in write_update(root, keeping.update):
        pass


def _forges(root: Path, record: Record, asked: Iterable[str]) -> tuple[str, ...]:
    """Return what is known and asked for, else the one whose folder is there."""
    wanted = {*record.answers.forges, *asked}
    if not wanted:
        wanted = {forge for forge in FORGES if (root / FOLDERS[forge]).is_dir()}
    if not wanted:
        raise UsageError(
            "nothing says which CI system runs here",
            mend=f"name it: seatrial ci write --for {'|'.join(FORGES)}|both",
        )
    return tuple(forge for forge in FORGES if forge in wanted)
