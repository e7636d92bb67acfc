from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx2
import pytest


@pytest.fixture
def api(address: Callable[[str], str]) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=address("@{service}"), timeout=10) as client:
        yield client


def test_a_note_that_is_made_is_listed(api: httpx2.Client) -> None:
    made = api.post("/notes", json={"title": "Milk"})
    assert made.status_code == httpx2.codes.CREATED, made.text
    assert made.json() in api.get("/notes").json()
