from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx2
import pytest


@pytest.fixture
def page(address: Callable[[str], str]) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=address("@{service}"), timeout=10) as client:
        yield client


def test_the_page_is_served_with_its_script(page: httpx2.Client) -> None:
    answer = page.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    script = re.search(r'src="([^"]+\.js)"', answer.text)
    assert script, answer.text
    assert page.get(script[1]).status_code == httpx2.codes.OK
@% if upstream %@


def test_a_note_that_is_made_through_the_page_is_listed(page: httpx2.Client) -> None:
    made = page.post("/api/notes", json={"title": "Milk"})
    assert made.status_code == httpx2.codes.CREATED, made.text
    assert made.json() in page.get("/api/notes").json()
@% endif %@
