"""Many files written together: all of them, or none."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import EnvironmentFailure, Where


@dataclass(frozen=True, slots=True)
class Change:
    """A file to write: ``content`` in bytes, and what it must be ``before``, ``None`` for no file.

    A new file gets the mode that the user's mask gives; one that is replaced keeps its own.
    """

    path: Path
    content: bytes
    before: bytes | None = None
    executable: bool = False


def apply(changes: Iterable[Change]) -> None:
    """Write all ``changes``, with missing parent folders.

    Raises ``EnvironmentFailure`` where one cannot be written, or a file is not what it was to be
    before; then everything is as it was, as it is after an interrupt.
    """
    with ExitStack() as leftovers, ExitStack() as undo:
        for change in changes:
            try:
                _write(change, undo, leftovers)
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise EnvironmentFailure(
                    f"the file cannot be written: {reason}; all is as it was",
                    where=Where(change.path),
                    mend="see that there is room and that the folder can be written to",
                ) from None
        undo.pop_all()


def _write(change: Change, undo: ExitStack, leftovers: ExitStack) -> None:
    # A link stays a link: what it points to is written.
    path = change.path.resolve() if change.path.is_symlink() else change.path
    _make_folders(path.parent, undo)
    if change.before is None:
        _create(path, change, undo)
    else:
        _replace(path, change, undo, leftovers)


def _make_folders(folder: Path, undo: ExitStack) -> None:
    missing = [at for at in (folder, *folder.parents) if not at.exists()]
    for at in reversed(missing):
        at.mkdir()
        undo.callback(_gone, at.rmdir)


def _create(path: Path, change: Change, undo: ExitStack) -> None:
    mode = 0o777 if change.executable else 0o666
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise _moved(path, "is there by now") from None
    undo.callback(_gone, path.unlink)
    with os.fdopen(handle, "wb") as stream:
        stream.write(change.content)


def _replace(path: Path, change: Change, undo: ExitStack, leftovers: ExitStack) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    fresh = Path(name)
    leftovers.callback(_gone, fresh.unlink)
    with os.fdopen(handle, "wb") as stream:
        stream.write(change.content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.chmod(stat.S_IMODE(path.stat().st_mode))
    if path.read_bytes() != change.before:
        raise _moved(path, "was changed meanwhile")
    # The old file itself is kept until all is well: putting it back takes no room on the disk.
    old = fresh.with_name(f"{fresh.name}.old")
    try:
        os.link(path, old)
    except OSError:
        # Some file systems have no hard links.
        shutil.copy2(path, old)
    leftovers.callback(_gone, old.unlink)
    undo.callback(_gone, lambda: old.replace(path))
    fresh.replace(path)


def _gone(action: Callable[[], object]) -> None:
    with suppress(OSError):
        action()


def _moved(path: Path, what: str) -> EnvironmentFailure:
    return EnvironmentFailure(
        f"the file {what}; all is as it was", where=Where(path), mend="start again"
    )
