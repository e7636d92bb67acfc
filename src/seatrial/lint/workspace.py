"""The files of one run, each read and parsed at most once, when it is first asked for."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from seatrial.composefile.reading import read_text
from seatrial.composefile.tree import MapNode
from seatrial.errors import ConfigError, Where
from seatrial.lint.collecting import Collected
from seatrial.lint.documents import ComposeDocument, Document, Repository
from seatrial.lint.kinds import LARGEST
from seatrial.lint.layers import layers_of
from seatrial.lint.parsing import document, with_layers


class Texts(Mapping[str, str]):
    """The text of every file; absent where it cannot be read as text."""

    def __init__(self, root: Path, paths: frozenset[str]) -> None:
        self._root = root
        self._paths = paths
        self._read: dict[str, str | ConfigError] = {}

    def read(self, path: str) -> str:
        """Return the text of a file; raises ``ConfigError`` where there is none."""
        if path not in self._read:
            try:
                self._read[path] = self._of_disk(path)
            except ConfigError as error:
                self._read[path] = error
        found = self._read[path]
        if isinstance(found, ConfigError):
            raise found
        return found

    def _of_disk(self, path: str) -> str:
        file = self._root / path
        try:
            found = file.stat()
        except FileNotFoundError:
            raise ConfigError(
                "a link to nothing", where=Where(Path(path)), mend="mend or remove it"
            ) from None
        except OSError as error:
            what = f"cannot be read: {(error.strerror or str(error)).lower()}"
            raise ConfigError(what, where=Where(Path(path)), mend="make it readable") from None
        if not stat.S_ISREG(found.st_mode):
            raise ConfigError("no regular file", where=Where(Path(path)), mend="remove it")
        if found.st_size > LARGEST:
            what = f"larger than {LARGEST // 2**20} MiB, so it is not looked at"
            raise ConfigError(what, where=Where(Path(path)), mend="split it, or ignore it here")
        return read_text(file)

    def put(self, path: str, text: str) -> None:
        """Take ``text`` for what the file holds."""
        self._read[path] = text

    def __getitem__(self, path: str) -> str:
        if path not in self._paths:
            raise KeyError(path)
        try:
            return self.read(path)
        except ConfigError:
            raise KeyError(path) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


class Workspace(Mapping[str, Document]):
    """The documents of one run by their path; absent where a file is broken."""

    def __init__(self, collected: Collected) -> None:
        self.collected = collected
        self.texts = Texts(collected.root, collected.paths | frozenset(collected.kinds))
        self.repository = Repository(
            collected.root,
            collected.paths,
            self,
            self.texts,
            collected.services,
            collected.suites,
        )
        self._parsed: dict[str, Document | ConfigError] = {}

    def parse(self, path: str) -> Document:
        """Return a document; raises ``ConfigError`` with the line where it is broken."""
        if path not in self._parsed:
            self._parsed[path] = self._try(path)
        found = self._parsed[path]
        if isinstance(found, ConfigError):
            raise found
        return found

    def put(self, path: str, text: str) -> None:
        """Take ``text`` for what a file holds; it is parsed anew."""
        self.texts.put(path, text)
        self._parsed.pop(path, None)

    def complete(self, path: str) -> Document:
        """Return a document with its layers, as rules see it; raises as :meth:`parse` does."""
        found = self.parse(path)
        if not isinstance(found, ComposeDocument):
            return found
        names = self.repository.names_in(path.rpartition("/")[0] or ".")
        above, below = layers_of(path, names, self.collected)
        return with_layers(found, self._trees(above), self._trees(below))

    def _trees(self, paths: tuple[str, ...]) -> tuple[MapNode, ...]:
        documents = (self.get(path) for path in paths)
        return tuple(d.root for d in documents if isinstance(d, ComposeDocument))

    def _try(self, path: str) -> Document | ConfigError:
        kind = self.collected.kinds[path]
        try:
            text = self.texts.read(path)
            return document(path, text, kind, self.repository, self.collected.stages)
        except ConfigError as error:
            return error

    def __getitem__(self, path: str) -> Document:
        if path not in self.collected.kinds:
            raise KeyError(path)
        try:
            return self.parse(path)
        except ConfigError:
            raise KeyError(path) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.collected.kinds)

    def __len__(self) -> int:
        return len(self.collected.kinds)
