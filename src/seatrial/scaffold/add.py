"""``seatrial add``: one more service for a repository that is there.

The same is done twice: to the files as they are, and to the texts that the record has of them. So
the record stays what a later ``update`` can merge from, whatever the user made of the files.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from seatrial import __version__
from seatrial.config import FILE_NAME
from seatrial.discover.root import load_config
from seatrial.discover.services import find_services
from seatrial.errors import ConfigError, UsageError, Where
from seatrial.host.changes import Change, apply
from seatrial.scaffold.answers import Wish, answer, backing_service, is_shared
from seatrial.scaffold.kinds import BACKINGS
from seatrial.scaffold.laying import MAKEFILE, STACK_MARK, Laid, lay
from seatrial.scaffold.model import Answers, File, ServiceAnswer
from seatrial.scaffold.names import slug
from seatrial.scaffold.parts import Parts, service_parts
from seatrial.scaffold.ports import names, published
from seatrial.scaffold.record import RECORD, Record, dump, load, pristine
from seatrial.scaffold.wiring import wire_of
from seatrial.scaffold.workflows import is_workflow

_STAGES = ("dev", "test", "prod")
_SERVICES = "services"


@dataclass(frozen=True, slots=True)
class Addition:
    """What adding a service comes to: its answer, what is laid where, and the files to write."""

    answer: ServiceAnswer
    laid: Laid
    changes: tuple[Change, ...]

    def write(self) -> None:
        """Write all of it or nothing. Raises ``EnvironmentFailure``."""
        apply(self.changes)


def plan(root: Path, wish: Wish, templates: Path) -> Addition:
    """Return what adding ``wish`` to the repository at ``root`` comes to; nothing is written.

    Raises ``UsageError`` where the name or a file is taken, ``ConfigError`` where a file of the
    user's cannot be added to.
    """
    _check_layout(root, wish.name)
    record = _record(root)
    known = [one for one in record.answers.services if one.name != wish.name]
    stacks = _stacks(root)
    _check_free(root, wish, stacks)
    taken = {port for text in stacks.values() for port in published(text)}
    (one,) = answer([wish], known, taken)
    parts = service_parts(one, record.answers.project, templates)
    before = _files_there(root, record, parts)
    with_stack = STACK_MARK not in record.files
    laid = lay(
        {path: File(text) for path, (_, text) in before.items()},
        parts,
        with_stack=with_stack,
        removed=[path for path in record.files if path not in before],
        own_makefile=MAKEFILE in record.files,
    )
    new = _recorded(record, parts, laid, with_stack)
    new = replace(new, answers=replace(record.answers, services=(*known, one)))
    return Addition(one, laid, (*_changes(root, laid, before), _record_change(root, new)))


def _check_layout(root: Path, name: str) -> None:
    config = load_config(root)
    for service in find_services(root, config):
        if service.name == name:
            raise UsageError(
                f"a service called {name!r} is there already",
                where=Where(service.path.relative_to(root)),
                mend="choose another name",
            )
    folders = [str(folder) for folder in config.paths.services or ()]
    if folders and _SERVICES not in folders:
        raise UsageError(
            f"services are looked for in {', '.join(folders)} here, and a new one would be in "
            f"{_SERVICES}/",
            where=Where(Path(FILE_NAME)),
            mend=f'add "{_SERVICES}" to services under [paths]',
        )


def _record(root: Path) -> Record:
    """Return the record; one without files where seatrial did not make the repository."""
    if os.path.lexists(root / RECORD):
        return load(root)
    return Record(__version__, Answers(slug(root.name) or "app"), {})


def _stacks(root: Path) -> dict[str, str]:
    """Return the compose files of the environments that are there, by path."""
    paths = [f"deploy/{stage}/docker-compose.yml" for stage in _STAGES]
    return {path: _read(root, path)[1] for path in paths if (root / path).is_file()}


def _check_free(root: Path, wish: Wish, stacks: Mapping[str, str]) -> None:
    folder = root / _SERVICES / wish.name
    if os.path.lexists(folder) and not (folder.is_dir() and not any(folder.iterdir())):
        raise UsageError(
            f"{_SERVICES}/{wish.name} is there already", mend="choose another name for the service"
        )
    wanted = [wish.name]
    if wish.backing and not is_shared(wish.backing):
        wanted.append(backing_service(wish.name, BACKINGS[wish.backing]))
    for path, text in stacks.items():
        for name in wanted:
            if name in names(text):
                raise UsageError(
                    f"a service called {name!r} is there already",
                    where=Where(Path(path)),
                    mend="choose another name, or remove what is left of the old service",
                )


def _files_there(root: Path, record: Record, parts: Parts) -> dict[str, tuple[bytes, str]]:
    """Return the files of ``parts`` that exist; the text only of those that can be added to.

    So are the workflows of the scaffold; others are the user's alone.
    """
    there: dict[str, tuple[bytes, str]] = {}
    for path in (*parts.paths(), MAKEFILE, *filter(is_workflow, record.files)):
        if not os.path.lexists(root / path):
            continue
        wireable = wire_of(path) is not None or path == MAKEFILE or is_workflow(path)
        there[path] = _read(root, path) if wireable else (b"", "")
    return there


def _read(root: Path, path: str) -> tuple[bytes, str]:
    where = Where(Path(path))
    try:
        content = (root / path).read_bytes()
        return content, content.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError("the file is not UTF-8", where=where, mend="save it as UTF-8") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(
            f"cannot be read: {reason}", where=where, mend="make it a readable file"
        ) from None


def _recorded(record: Record, parts: Parts, laid: Laid, with_stack: bool) -> Record:
    """Return the record with what the scaffold alone would have made of it.

    What is left in it of an older service of that name gives way.
    """
    fresh = {path for fragment in parts.fragments for path in fragment if wire_of(path) is None}
    older = f"{_SERVICES}/{parts.name}/"
    files = {
        path: file
        for path, file in record.files.items()
        if path not in fresh and not path.startswith(older)
    }
    tree = {path: File(file.text or "", file.executable) for path, file in files.items()}
    base = lay(tree, parts, with_stack=with_stack, own_makefile=False, renewed=True)
    made = {path: file for path, file in base.files.items() if path not in laid.kept}
    return replace(record, files={**files, **pristine(made)})


def _changes(root: Path, laid: Laid, before: Mapping[str, tuple[bytes, str]]) -> list[Change]:
    return [
        Change(
            root / path,
            file.text.encode(),
            before[path][0] if path in before else None,
            file.executable,
        )
        for path, file in laid.files.items()
    ]


def _record_change(root: Path, record: Record) -> Change:
    path = root / RECORD
    before = path.read_bytes() if path.is_file() else None
    return Change(path, dump(record).encode(), before)
