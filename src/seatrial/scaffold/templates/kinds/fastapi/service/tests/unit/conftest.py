from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from fastapi.testclient import TestClient

from @{package}.app import build_app
from @{package}.models import NewNote, Note
from @{package}.store import NoteNotFoundError


class MemoryStore:
    """Keeps to the rules of the real store, in a dictionary."""

    def __init__(self) -> None:
        self.notes: dict[int, Note] = {}
        self.reachable = True

    def ping(self) -> None:
        if not self.reachable:
            raise psycopg.OperationalError

    def add(self, new: NewNote) -> Note:
        number = max(self.notes, default=0) + 1
        now = datetime.now(UTC)
        self.notes[number] = Note(id=number, created_at=now, **new.model_dump())
        return self.notes[number]

    def newest(self, limit: int) -> list[Note]:
        return [self.notes[number] for number in sorted(self.notes, reverse=True)][:limit]

    def get(self, number: int) -> Note:
        if number not in self.notes:
            raise NoteNotFoundError(f"there is no note {number}")
        return self.notes[number]

    def remove(self, number: int) -> None:
        self.get(number)
        del self.notes[number]


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def client(store: MemoryStore) -> Iterator[TestClient]:
    with TestClient(build_app(store)) as client:
        yield client
