from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx2
import pytest


@pytest.fixture
def @{package}(address: Callable[[str], str]) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=address("@{service}"), timeout=10) as client:
        yield client


def test_the_page_is_served_with_its_script(@{package}: httpx2.Client) -> None:
    page = @{package}.get("/")
    assert page.headers["content-type"].startswith("text/html")
    script = re.search(r'src="([^"]+\.js)"', page.text)
    assert script, page.text
    assert @{package}.get(script[1]).status_code == httpx2.codes.OK
@% if upstream %@


def test_a_note_that_is_made_through_the_page_is_listed(@{package}: httpx2.Client) -> None:
    made = @{package}.post("/api/notes", json={"title": "Milk"})
    assert made.status_code == httpx2.codes.CREATED, made.text
    assert made.json() in @{package}.get("/api/notes").json()
@% endif %@
