"""The page of a run in a real browser: what a reader sees, and what the page does not do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Repository, copy_of

LOOK = Path(__file__).resolve().parent.parent / "support/look.mjs"
PACKAGES = ("playwright-core@1", "axe-core@4")
BAD = """
import pytest
from test_counting import visit


@pytest.mark.parametrize("x", [1], ids=["<script>alert(1)</script>"])
def test_markup(x):
    visit()
    assert "<img src=x onerror=alert(1)>" == x


tries = __import__("pathlib").Path(__file__).with_name("tries")


def test_odd():
    before = tries.exists()
    tries.touch()
    visit()
    assert before, "the first time"
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The page of a real run: a test with markup in its name fails, another one is flaky."""
    repository = copy_of("pair", tmp_path_factory.mktemp("page"))
    repository.write("services/web/tests/integration/test_bad.py", BAD)
    words = ("--stage", "unit", "--stage", "service", "--runtime", "process", "--retries", "1")
    said = repository.seatrial("test", *words, "--output", "plain")
    assert said.code == 1, said.all
    made = written(repository)
    yield made
    repository.seatrial("gc")


def written(repository: Repository) -> Path:
    path = repository.home / "page.html"
    said = repository.seatrial("report", "last", "--html", str(path))
    assert (said.code, said.out) == (0, ""), said.all
    return path


@pytest.fixture(scope="module")
def looked(page: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What was seen in the browser, by a program that npm brings."""
    folder = tmp_path_factory.mktemp("look")
    words = ["npm", "install", "--no-audit", "--no-fund", "--no-save", "--prefix", str(folder)]
    # Offline it says so soon.
    words += ["--fetch-retries=1", "--fetch-timeout=20000"]
    fetched = subprocess.run(
        [*words, *PACKAGES], capture_output=True, text=True, timeout=120, check=False
    )
    if fetched.returncode:
        why = fetched.stderr.partition("\n")[0]
        pytest.skip(f"needs {' and '.join(PACKAGES)} from npm: {why}")
    shutil.copy(LOOK, folder)
    answer = subprocess.run(
        ["node", str(folder / LOOK.name), str(page)],
        env={**os.environ, "CHROMIUM": str(shutil.which("chromium"))},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    seen: dict[str, Any] = json.loads(answer.stdout)
    return seen


@pytest.mark.local
@pytest.mark.browser
def test_the_page_says_what_happened(page: Path, tmp_path: Path) -> None:
    words = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    words += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    answer = subprocess.run(
        ["chromium", "--headless", *words, f"--user-data-dir={tmp_path}", "--dump-dom", str(page)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    dom = answer.stdout
    assert answer.returncode == 0, answer.stderr
    # Our own script ran: without it the filter stays hidden.
    assert 'id="tools">' in dom
    assert dom.count("<script>") == 1
    assert "test_markup[&lt;script&gt;alert(1)&lt;/script&gt;]" in dom
    for text in ("boot web", "unit:web", "Critical path", "1 run, 1 failed"):
        assert text in dom
    flaky = dom.partition('<h2 id="flaky">')[2].partition("</section>")[0]
    assert "test_odd" in flaky
    assert "the first time" in flaky
    assert "failed in 1 of 1 run, until it was tried again" in dom


@pytest.mark.local
@pytest.mark.browser
@pytest.mark.node
def test_it_is_accessible_and_fits_in_both_schemes_and_widths(looked: dict[str, Any]) -> None:
    assert len(looked["looks"]) == 4
    for look in looked["looks"]:
        assert look["violations"] == []
        assert look["passes"] > 20
        assert look["overflow"] <= 0
    papers = {look["colorScheme"]: look["paper"] for look in looked["looks"]}
    assert papers["light"] != papers["dark"]


@pytest.mark.local
@pytest.mark.browser
@pytest.mark.node
def test_it_asks_nobody_and_runs_nothing_of_the_tests(looked: dict[str, Any]) -> None:
    for look in (*looked["looks"], looked["use"]):
        assert look["asked"] == []
        assert look["told"] == []


@pytest.mark.local
@pytest.mark.browser
@pytest.mark.node
def test_it_is_used_with_the_keyboard_alone(looked: dict[str, Any]) -> None:
    use = looked["use"]
    assert use["first"]["text"] == "Skip to the report"
    assert use["filter"]["id"] == "filter"
    assert {use["first"]["outline"], use["filter"]["outline"]} == {"solid"}
    assert 0 < use["sifted"] < use["all"] == use["again"]
    assert use["byKey"] == 1
    assert use["byButton"] == 3
    assert any("web | " in text for text in use["logs"])
