"""What `seatrial new` and `add` write against all rules, and what a service leaves behind."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.support.program import Repository

EXAMPLE = Path(__file__).parents[2] / "examples/shop"
KINDS = (
    *("api:fastapi", "jobs:worker+valkey", "mails:worker+redis", "reports:worker+nats"),
    *("web:frontend", "notes:node-api", "shared:python-lib"),
)


@pytest.fixture
def home(tmp_path: Path) -> Repository:
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()
    quiet = {"NO_COLOR": "1", "AI_AGENT": "", "CLAUDECODE": "", "CI": "", "GITHUB_ACTIONS": ""}
    return Repository(tmp_path / "work", tmp_path / "home", quiet)


@pytest.fixture
def shop(home: Repository) -> Repository:
    words = [word for kind in KINDS for word in ("--service", kind)]
    said = home.seatrial("new", "shop", "--yes", *words)
    assert said.code == 0, said.all
    return Repository(home.root / "shop", home.home, home.variables)


def found(repository: Repository, *words: str) -> set[str]:
    """Return the findings as ``code file``."""
    said = repository.seatrial("lint", "--no-hadolint", "--format", "text", *words)
    hits = re.findall(r"^(\S+?):\d+:\d+: \w+ (SEA\d+)", said.out, re.MULTILINE)
    assert said.code in (0, 1), said.all
    return {f"{code} {file}" for file, code in hits}


def test_what_new_writes_for_every_kind_has_no_finding(shop: Repository) -> None:
    assert found(shop) == set()


def test_what_add_writes_has_no_finding(home: Repository) -> None:
    assert home.seatrial("new", "small", "--yes", "--service", "api:fastapi").code == 0
    small = Repository(home.root / "small", home.home, home.variables)
    for name, _, kind in (word.partition(":") for word in KINDS[1:]):
        said = small.seatrial("add", name, "--kind", *kind.replace("+", " --with ").split())
        assert said.code == 0, said.all
    assert found(small) == set()


def test_the_example_has_no_finding(home: Repository, tmp_path: Path) -> None:
    ignore = shutil.ignore_patterns("node_modules", ".venv", ".seatrial", "__pycache__", ".env")
    shutil.copytree(EXAMPLE, tmp_path / "example", ignore=ignore)
    assert found(Repository(tmp_path / "example", home.home, home.variables)) == set()


def test_a_folder_removed_by_hand_is_missed_wherever_it_was_named(shop: Repository) -> None:
    shutil.rmtree(shop.root / "services/notes")
    assert found(shop) == {
        "SEA701 deploy/dev/docker-compose.yml",
        "SEA701 deploy/test/docker-compose.yml",
        "SEA701 deploy/prod/docker-compose.yml",
        "SEA711 deploy/dev/docker-compose.yml",
        "SEA704 Makefile",
    }


def test_what_a_removed_service_leaves_is_found_and_mended_where_certain(shop: Repository) -> None:
    shutil.rmtree(shop.root / "services/jobs")
    for tier in ("dev", "test", "prod"):
        _take_out(shop.root / f"deploy/{tier}/docker-compose.yml", "jobs", "valkey")
    left = {"SEA705 tests/integration/test_jobs.py"}
    assert found(shop) == left | {
        "SEA703 deploy/dev/docker-compose.yml",
        "SEA703 deploy/prod/docker-compose.yml",
        "SEA704 Makefile",
        "SEA707 deploy/dev/.env.example",
    }
    assert found(shop, "--fix") == left
    assert (
        "\nSERVICES := api mails reports web notes shared\n" in (shop.root / "Makefile").read_text()
    )
    assert "VALKEY_PORT" not in (shop.root / "deploy/dev/.env.example").read_text()


def _take_out(file: Path, *services: str) -> None:
    """Cut services out of a compose file, as one does by hand."""
    section, named, rest = file.read_text().partition("\nvolumes:\n")
    for service in services:
        section = re.sub(rf"(?m)^  {service}:\n(?: {{3,}}.*\n|\n)+", "", section + "\n")
    file.write_text(section.rstrip("\n") + "\n" + named + rest)
