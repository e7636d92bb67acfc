"""``update`` carried out: the work tree looked at, texts merged, files written, the record last.

Nothing is written before all is known. Then the record is written with the steps that are to be
taken, then file by file, then the record without them: whatever cuts this short, the next update
knows what was done.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seatrial.errors import ConfigError, EnvironmentFailure, RuntimeMissing, UsageError, Where
from seatrial.host.files import replace_file
from seatrial.host.merge import committed, merge_file
from seatrial.host.processes import Processes
from seatrial.scaffold.building import build
from seatrial.scaffold.fates import THEIRS, YOURS, Change, Held, Merge, Obstacle, Update
from seatrial.scaffold.laying import MAKEFILE
from seatrial.scaffold.listed import look_through
from seatrial.scaffold.model import Tree
from seatrial.scaffold.parts import project_files
from seatrial.scaffold.record import RECORD, Record, dump, load
from seatrial.scaffold.update import Comparison, update
from seatrial.scaffold.workflows import services_of, workflow_files

_BASE = "as it was made"
_AGAIN = "then run `seatrial update` again: it goes on where it stopped"


async def prepare(root: Path, version: str, templates: Path, processes: Processes) -> Update:
    """Return what brings the scaffold of ``version``, its ``templates``, into the repository.

    Nothing is written. Raises ``ConfigError`` where the record cannot be used or an earlier
    update's conflicts are not resolved, ``UsageError`` where the repository has a newer scaffold,
    ``RuntimeMissing`` where a merge is needed and git is not there, ``EnvironmentFailure`` where
    git fails.
    """
    record = load(root)
    check_version(root, record, version)
    tree = _rendered(root, record, templates)
    changes = await compared(root, record, tree, version, processes)
    return update(record, version, changes)


async def compared(
    root: Path, record: Record, tree: Tree, version: str, processes: Processes
) -> list[Change]:
    """Return what becomes of each file of the record and of ``tree``. Raises as ``prepare``."""
    names = services_of(root, record.answers) if record.answers.forges else ()
    found = look_through(names, record, tree, lambda path: look(root, path))
    _check_resolved(root, found)
    return [*found.changes, *await _merged(root, version, found.merges, processes)]


def look(root: Path, path: str) -> Held:
    """Return what is at ``path`` in the work tree; links are not followed."""
    at = root
    *folders, name = path.split("/")
    for folder in folders:
        at /= folder
        if at.is_symlink():
            return Held(obstacle=Obstacle.BEYOND_LINK)
        if not at.exists():
            return Held()
        if not at.is_dir():
            return Held(obstacle=Obstacle.BENEATH_FILE)
    at /= name
    try:
        mode = at.lstat().st_mode
    except FileNotFoundError:
        return Held()
    if stat.S_ISREG(mode):
        return Held(at.read_bytes(), bool(mode & stat.S_IXUSR))
    kinds = ((stat.S_ISLNK, Obstacle.LINK), (stat.S_ISDIR, Obstacle.FOLDER))
    return Held(obstacle=next((kind for is_it, kind in kinds if is_it(mode)), Obstacle.SPECIAL))


async def uncommitted(root: Path, wanted: Update, processes: Processes) -> tuple[str, ...] | None:
    """Return the files that would be changed or removed and that git could not give back.

    ``None`` where git does not keep them at all.
    """
    safe = await committed(root, processes)
    if safe is None:
        return None
    at_stake = (change.path for change in wanted.writes if change.held.content is not None)
    return tuple(path for path in at_stake if path not in safe)


def write(root: Path, wanted: Update) -> Iterator[str]:
    """Carry the update out and yield each path once it is written or removed.

    Raises ``EnvironmentFailure`` where a file cannot be written or is no longer what it was; the
    next update completes what was begun.
    """
    if load(root) != wanted.record:
        raise _changed(root / RECORD)
    if wanted.writes:
        _keep(root, wanted.during())
    for change in wanted.writes:
        if look(root, change.path) != change.held:
            raise _changed(root / change.path)
        _write(root, change)
        yield change.path
    _keep(root, wanted.after())


def _rendered(root: Path, record: Record, templates: Path) -> Tree:
    """Return the files of the new scaffold; without those of a root that it did not make."""
    tree = {**build(record.answers, templates), **workflows(root, record, templates)}
    if MAKEFILE in record.files:
        return tree
    own = project_files(record.answers, templates)
    return {path: tree[path] for path in tree if path in record.files or path not in own}


def workflows(root: Path, record: Record, templates: Path) -> Tree:
    """Return the workflows of the repository, for the services that are in it now.

    Raises ``ConfigError``.
    """
    forges = record.answers.forges
    names = services_of(root, record.answers) if forges else ()
    return workflow_files(forges, names, templates, lints=MAKEFILE in record.files)


def check_version(root: Path, record: Record, version: str) -> None:
    """Raise ``UsageError`` where a newer seatrial wrote the record."""
    if _numbers(record.version) > _numbers(version):
        raise UsageError(
            f"the scaffold is of seatrial {record.version}, this is {version}",
            where=Where(root / RECORD),
            mend="upgrade seatrial: an older one would take back what the newer one brought",
        )


def _numbers(version: str) -> list[int]:
    parts = version.split(".")
    return [int(part) for part in parts if part.isdecimal()]


def _check_resolved(root: Path, found: Comparison) -> None:
    if found.unresolved:
        path, line = next(iter(found.unresolved.items()))
        raise ConfigError(
            "an earlier update's conflicts are not resolved, and there is more to merge",
            where=Where(root / path, line),
            mend="choose between the lines that are marked, and remove the marks",
            detail=tuple(f"{path}:{line}" for path, line in found.unresolved.items()),
        )


async def _merged(
    root: Path, version: str, merges: Iterable[Merge], processes: Processes
) -> list[Change]:
    merges = list(merges)
    if merges and processes.find("git") is None:
        raise RuntimeMissing(
            "there is no git, and files that you have changed are to be merged with it",
            mend="install git",
            detail=tuple(merge.path for merge in merges),
        )
    labels = (YOURS, _BASE, f"{THEIRS} {version}")
    return [
        one.done(await merge_file((one.mine, one.base, one.new), labels, root, processes))
        for one in merges
    ]


def _keep(root: Path, record: Record) -> None:
    """Write the record, unless that is what it says."""
    path, text = root / RECORD, dump(record)
    if path.read_bytes().replace(b"\r\n", b"\n") != text.encode():
        with _named(path):
            replace_file(path, text.encode(), executable=False)


def _changed(path: Path) -> EnvironmentFailure:
    return EnvironmentFailure(
        "the file was changed while the update went on",
        where=Where(path),
        mend=f"leave it alone, {_AGAIN}",
    )


def _write(root: Path, change: Change) -> None:
    path = root / change.path
    with _named(path):
        if change.content is not None:
            replace_file(path, change.content, executable=change.executable)
            return
        path.unlink()
    for folder in path.parents:
        if folder == root:
            return
        # Only a folder that is empty goes.
        with suppress(OSError):
            folder.rmdir()


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Turn what the system refuses into an error that names the file."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise EnvironmentFailure(
            f"the file cannot be written: {reason}",
            where=Where(path),
            mend=f"see that there is room and that the folder can be written to, {_AGAIN}",
        ) from None
