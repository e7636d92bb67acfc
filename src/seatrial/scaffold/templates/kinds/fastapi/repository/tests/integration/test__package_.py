"""@{service}, as the other services see it."""

from __future__ import annotations

from collections.abc import Callable

import httpx2


def test_keeps_notes(address: Callable[[str], str]) -> None:
    api = address("@{service}")
    with httpx2.Client(base_url=api, timeout=10) as client:
        note = client.post("/notes", json={"title": "Milk"}).json()
        assert client.get(f"/notes/{note['id']}").json() == note
        assert client.delete(f"/notes/{note['id']}").status_code == 204
