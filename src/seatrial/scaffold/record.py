"""The record of a scaffold: what was asked for and what was written, kept in the repository.

It is the base of ``update``'s three-way merge: the texts as the scaffold made them, before anyone
edited them. One line of JSON per service and per file, so that a change of one file is one line of
a diff. Texts are compressed, so that a search through the repository does not find each line twice.

While files are being written the record holds the ``steps`` as well, so that whoever reads it after
``kill -9`` knows which of them were taken (see :func:`load`).
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from seatrial.errors import ConfigError, Where
from seatrial.scaffold.kinds import BACKINGS, KINDS
from seatrial.scaffold.model import FORGES, Answers, ServiceAnswer, Tree

RECORD = ".seatrial-scaffold.json"
# Made by package managers: replaced or kept, never merged, so their texts are of no use here.
LOCK_FILES = ("uv.lock", "package-lock.json")

_FORMAT = 1
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_PROJECT = re.compile(r"[a-z0-9][a-z0-9_-]*")
_MARKER = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: |$)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pristine:
    """One file as the scaffold wrote it.

    ``digest`` is the SHA-256 of its bytes in hexadecimal; ``text`` is ``None`` for a lock file, and
    for one that the scaffold would have written, had the user not made it himself.
    """

    digest: str
    executable: bool = False
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One file that is about to be written or removed.

    ``before`` and ``after`` are the digests of what lies there, empty where nothing does; ``base``
    is what the record holds until it is done.
    """

    path: str
    before: str
    after: str
    base: Pristine | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The scaffold's ``version``, the answers, and all its files by path.

    ``steps`` are those that lead there, in the order in which they are taken; a record that was
    loaded has none. ``packed`` holds texts as they stand in the file, by digest: zlib's
    implementations differ, and a line must not change only because another machine writes it. Keep
    it by ``dataclasses.replace``.
    """

    version: str
    answers: Answers
    files: Mapping[str, Pristine]
    steps: tuple[Step, ...] = ()
    packed: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)


def pristine(tree: Tree) -> dict[str, Pristine]:
    """Return the files of ``tree`` as a record holds them."""
    made = {}
    for path, file in tree.items():
        kept = None if is_lock(path) else file.text
        made[path] = Pristine(digest(file.text.encode()), file.executable, kept)
    return made


def is_lock(path: str) -> bool:
    """Return whether a package manager makes the file."""
    return PurePosixPath(path).name in LOCK_FILES


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return sha256(content).hexdigest()


def dump(record: Record) -> str:
    """Return the text of the file: services in the order of the answers, files by path."""
    services = [json.dumps(asdict(service)) for service in record.answers.services]
    files = [
        f"{json.dumps(path)}: {json.dumps(_entry(file, record.packed))}"
        for path, file in sorted(record.files.items())
    ]
    steps = [json.dumps(_step(step, record.packed)) for step in record.steps]
    return "\n".join(
        (
            "{",
            f'"format": {_FORMAT},',
            '"about": "Kept by seatrial for `seatrial update`. Commit it; do not edit it.",',
            f'"version": {json.dumps(record.version)},',
            f'"project": {json.dumps(record.answers.project)},',
            *([f'"ci": {json.dumps(record.answers.forges)},'] if record.answers.forges else ()),
            *_section('"services": [', services, "],"),
            *(_section('"steps": [', steps, "],") if steps else ()),
            *_section('"files": {', files, "}"),
            "}\n",
        )
    )


def _section(head: str, rows: list[str], end: str) -> Iterator[str]:
    yield head
    yield from (f"{row}," for row in rows[:-1])
    yield from rows[-1:]
    yield end


def _entry(file: Pristine, packed: Mapping[str, str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"sha256": file.digest}
    if file.executable:
        entry["executable"] = True
    if file.text is not None:
        entry["text"] = packed.get(file.digest) or _pack(file.text)
    return entry


def _step(step: Step, packed: Mapping[str, str]) -> dict[str, Any]:
    base = None if step.base is None else _entry(step.base, packed)
    return {"path": step.path, "before": step.before, "after": step.after, "base": base}


def _pack(text: str) -> str:
    return base64.b85encode(zlib.compress(text.encode(), 9)).decode("ascii")


def _unpack(packed: str) -> str:
    return zlib.decompress(base64.b85decode(packed)).decode("utf-8")


def load(root: Path) -> Record:
    """Read the record of the repository at ``root``.

    Where writing was cut short, a file that it did not come to has its old base. Raises
    ``ConfigError``: the record is missing, spoilt, left with the conflicts of a merge, or written
    by a newer seatrial.
    """
    path = root / RECORD
    try:
        text = path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigError(
            "there is no record of a scaffold",
            where=Where(path),
            mend="what `seatrial new` and `seatrial add` have made can be updated; if the file is "
            "lost, restore it from your history",
        ) from None
    except UnicodeDecodeError:
        raise _spoilt("the record of the scaffold is no text", Where(path)) from None
    if conflict := _MARKER.search(text):
        raise ConfigError(
            "a merge of two branches left conflicts in the record of the scaffold",
            where=Where(path, _line(text, conflict.start())),
            mend="remove the lines with marks, keep those of both sides",
        )
    try:
        document = json.loads(_punctuated(text))
    except json.JSONDecodeError as error:
        what = f"the record of the scaffold is no JSON: {error.msg}"
        raise _spoilt(what, Where(path, error.lineno, error.colno)) from None
    return _settled(_Reader(path, text).read(document), root)


def _punctuated(text: str) -> str:
    """Return ``text`` with commas where lines that two branches added have come together."""
    text = text.replace("\r\n", "\n")
    return re.sub(r",\n(?=[\]}])", "\n", re.sub(r"\}\n(?=[{\"])", "},\n", text))


def _settled(record: Record, root: Path) -> Record:
    """Return the record with the steps that were not taken undone in it."""
    now = [_digest_of(root / step.path) for step in record.steps]
    taken = [there == step.after for step, there in zip(record.steps, now, strict=True)]
    files = dict(record.files)
    for at, step in enumerate(record.steps):
        # Edited since, perhaps to resolve a conflict: it was written if a later one was.
        if now[at] != step.before and any(taken[at:]):
            continue
        files.pop(step.path, None)
        if step.base is not None:
            files[step.path] = step.base
    return replace(record, files=files, steps=())


def _digest_of(path: Path) -> str:
    return digest(path.read_bytes()) if path.is_file() else ""


def _spoilt(what: str, where: Where) -> ConfigError:
    return ConfigError(what, where=where, mend="restore the file from your history")


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes a document apart; what is wrong in it becomes an error with its line."""

    path: Path
    text: str

    def read(self, document: Any) -> Record:
        """Return the record. Raises ``ConfigError``."""
        if not isinstance(document, dict) or not isinstance(document.get("format"), int):
            raise self._wrong("the record of the scaffold has no format", '"format"')
        if document["format"] > _FORMAT:
            raise ConfigError(
                "the record of the scaffold was written by a newer seatrial",
                where=self._where('"format"'),
                mend=f"this one reads format {_FORMAT}, the file has {document['format']}: "
                "upgrade seatrial",
            )
        services = tuple(self._service(one) for one in self._take(document, "services", list))
        names = [service.name for service in services]
        for name in names:
            if names.count(name) > 1:
                raise self._wrong(f"the service {name!r} is recorded twice", f'"name": "{name}"')
        project = self._name(document, "project", _PROJECT)
        answers = Answers(project, services, self._forges(document))
        packed: dict[str, str] = {}
        entries = self._take(document, "files", dict)
        files = {path: self._file(path, entry, packed) for path, entry in entries.items()}
        version = self._take(document, "version", str)
        steps = self._take({"steps": [], **document}, "steps", list)
        taken = tuple(self._step(step, packed) for step in steps)
        return Record(version, answers, files, taken, packed)

    def _forges(self, document: Any) -> tuple[str, ...]:
        known = self._take({"ci": [], **document}, "ci", list)
        if not all(forge in FORGES for forge in known):
            raise self._wrong("there is no such CI system", '"ci"')
        return tuple(known)

    def _step(self, entry: Any, packed: dict[str, str]) -> Step:
        if not isinstance(entry, dict):
            raise self._wrong("a step of an update is spoilt", '"steps"')
        path, before, after = (self._take(entry, key, str) for key in ("path", "before", "after"))
        self._inside(path, '"steps"')
        known = entry.get("base")
        base = None if known is None else self._file(path, known, packed)
        return Step(path, before, after, base)

    def _service(self, entry: Any) -> ServiceAnswer:
        try:
            service = ServiceAnswer(**entry)
        except TypeError:
            raise self._wrong("a service is recorded with other keys", '"services"') from None
        self._name(entry, "name")
        mark = f'"name": "{service.name}"'
        if service.kind not in KINDS:
            raise self._wrong(f"there is no kind of service {service.kind!r}", mark)
        if service.backing not in ("", *BACKINGS):
            raise self._wrong(f"there is no backing service {service.backing!r}", mark)
        for key in ("host_port", "backing_port", "upstream_port"):
            self._take(entry, key, int)
        if service.upstream:
            self._name(entry, "upstream")
        return service

    def _inside(self, path: str, mark: str) -> None:
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or str(pure) != path or path == ".":
            raise self._wrong(f"the path {path!r} does not lie in the repository", mark)

    def _file(self, path: str, entry: Any, packed: dict[str, str]) -> Pristine:
        mark = f"{json.dumps(path)}:"
        self._inside(path, mark)
        if not isinstance(entry, dict) or not isinstance(entry.get("sha256"), str):
            raise self._wrong(f"the record of {path!r} has no sha256", mark)
        known, kept = entry["sha256"], entry.get("text")
        executable = entry.get("executable") is True
        if kept is None:
            return Pristine(known, executable)
        try:
            text = _unpack(kept)
        except (TypeError, AttributeError, ValueError, zlib.error):
            raise self._wrong(f"the recorded text of {path!r} is spoilt", mark) from None
        if digest(text.encode()) != known:
            raise self._wrong(f"the recorded text of {path!r} is not what was written", mark)
        packed[known] = kept
        return Pristine(known, executable, text)

    def _name(self, table: Any, key: str, form: re.Pattern[str] = _NAME) -> str:
        name: str = self._take(table, key, str)
        if not form.fullmatch(name):
            raise self._wrong(f"{name!r} is no name", f'"{key}"')
        return name

    def _take(self, table: Any, key: str, kind: type) -> Any:
        value = table.get(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise self._wrong(f"the record of the scaffold has no proper {key!r}", f'"{key}"')
        return value

    def _wrong(self, what: str, mark: str) -> ConfigError:
        return _spoilt(what, self._where(mark))

    def _where(self, mark: str) -> Where:
        at = self.text.find(mark)
        return Where(self.path, _line(self.text, at)) if at >= 0 else Where(self.path)
