from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from .conftest import MemoryStore


def test_a_note_is_given_a_number_and_can_be_read(client: TestClient) -> None:
    added = client.post("/notes", json={"title": "Milk", "text": "two litres"})
    assert added.status_code == 201
    assert client.get(f"/notes/{added.json()['id']}").json() == added.json()


@pytest.mark.parametrize(
    "wrong",
    [{"title": "  "}, {"title": "x" * 121}, {"text": None}, {"colour": "red"}],
    ids=["no title", "long title", "no text", "unknown field"],
)
def test_a_note_that_makes_no_sense_is_refused(
    client: TestClient, store: MemoryStore, wrong: dict[str, object]
) -> None:
    assert client.post("/notes", json={"title": "Milk", **wrong}).status_code == 422
    assert store.notes == {}


def test_the_newest_notes_come_first(client: TestClient) -> None:
    for title in ("one", "two", "three"):
        client.post("/notes", json={"title": title})
    newest = client.get("/notes", params={"limit": 2}).json()
    assert [note["title"] for note in newest] == ["three", "two"]


def test_a_removed_note_is_gone(client: TestClient) -> None:
    number = client.post("/notes", json={"title": "Milk"}).json()["id"]
    assert client.delete(f"/notes/{number}").status_code == 204
    assert client.delete(f"/notes/{number}").status_code == 404


def test_a_note_that_is_not_there_is_a_404(client: TestClient) -> None:
    answer = client.get("/notes/7")
    assert (answer.status_code, answer.json()) == (404, {"detail": "there is no note 7"})


def test_is_healthy_as_long_as_its_store_answers(client: TestClient, store: MemoryStore) -> None:
    assert client.get("/health").status_code == 200
    store.reachable = False
    assert client.get("/health").status_code == 503
