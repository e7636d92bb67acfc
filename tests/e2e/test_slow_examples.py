"""Every specimen of ``examples/slow`` is found where it stands, and nothing else is."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from seatrial.host.system import processors
from tests.support.program import Repository, forget_images

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
RUNTIMES = ["process", pytest.param("docker", marks=pytest.mark.engine)]
# What makes it slow, in which file and line; of a suite as a whole, which suite.
Found: TypeAlias = set[tuple[str, str, int]]

pytestmark = [pytest.mark.local, pytest.mark.node]


def example(name: str, place: Path) -> Repository:
    unwanted = shutil.ignore_patterns(".venv", "node_modules", ".seatrial", "__pycache__")
    shutil.copytree(EXAMPLES / name, place / "repo", ignore=unwanted)
    (place / "home/run").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main", str(place / "repo")], check=True)
    return Repository(place / "repo", place / "home")


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Repository]:
    repository = example("slow", tmp_path)
    yield repository
    repository.seatrial("gc")
    forget_images(repository)


def insight(repository: Repository, *words: str) -> dict[str, Any]:
    """Run tests, and return what is said to be slow about the run."""
    ran = repository.seatrial("test", "--output", "plain", *words)
    assert ran.code == 0, ran.all
    said = repository.seatrial("slow", "--json")
    assert said.code == 0, said.all
    document: dict[str, Any] = json.loads(said.out)
    return document


def named(document: dict[str, Any]) -> Found:
    causes = [c for one in (*document["slow"], *document["suites"]) for c in one["causes"]]
    at_once = {("xdist", one["suite"], 0) for one in document["suites"] if one["parallel"]}
    return at_once | {(cause["kind"], cause["file"], cause["line"]) for cause in causes}


def declared(repository: Repository, *suites: str) -> Found:
    """Return what is to be found in ``suites``, in all where none is given."""
    found: Found = set()
    for one in repository.expected()["specimen"]:
        if suites and one["suite"] not in suites:
            continue
        if "file" in one:
            lines = (repository.root / one["file"]).read_text().splitlines()
            found.add((one["cause"], one["file"], lines.index(one["line"]) + 1))
        elif processors() > 1:
            found.add((one["cause"], one["suite"], 0))
    return found


def mend(repository: Repository) -> None:
    """Mend all that is mended in a file."""
    for one in repository.expected()["specimen"]:
        for old, new in one.get("mend", ()):
            path = repository.root / one["file"]
            text = path.read_text()
            assert text.count(old) == 1, one
            path.write_text(text.replace(old, new))


def test_each_specimen_is_found_and_once_mended_no_more(slow: Repository) -> None:
    document = insight(slow, "--runtime", "process")
    assert named(document) == declared(slow)
    phases = {one["phase"] for one in document["phases"]}
    assert {"boot", "wait-environment", "wait-turn", "collect", "set-up", "call"} <= phases
    mend(slow)
    at_once = declared(slow, "unit:primes")
    assert named(insight(slow, "--runtime", "process")) == at_once
    # Which is gone, too, once its tests run at once.
    words = ("primes", "--stage", "unit", "--", "-n", "2", "--dist", "loadfile")
    assert named(insight(slow, *words)) == set()


@pytest.mark.engine
def test_those_that_need_services_are_found_in_containers(slow: Repository) -> None:
    document = insight(slow, "--runtime", "docker", "--stage", "service", "--stage", "integration")
    assert named(document) == declared(slow, "service:web", "integration:integration")
    assert {"build", "boot", "wait-environment"} <= {one["phase"] for one in document["phases"]}


def test_a_test_is_found_that_is_slower_than_it_was(slow: Repository) -> None:
    one = slow.expected()["outlier"]
    words = ("web", "--stage", "unit", "--", one["test"].partition("::")[0])
    for _ in range(5):
        document = insight(slow, *words)
        assert document["outliers"] == []
    (slow.root / one["data"]).write_text("row\n" * 100)
    (outlier,) = insight(slow, *words)["outliers"]
    assert (outlier["suite"], outlier["test"]) == (one["suite"], one["test"])
    assert (outlier["phase"], outlier["runs"]) == (one["phase"], 5)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_nothing_is_found_in_a_repository_that_is_quick(tmp_path: Path, runtime: str) -> None:
    shop = example("shop", tmp_path)
    try:
        document = insight(shop, "--runtime", runtime)
        assert document["tests"] > 50
        assert (document["suites"], document["slow"], document["outliers"]) == ([], [], [])
    finally:
        shop.seatrial("gc")
        forget_images(shop)
