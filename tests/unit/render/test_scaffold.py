"""What ``new`` and ``add`` say."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.render.scaffold import add_lines, dry_run_lines, new_lines
from seatrial.scaffold.laying import Laid
from seatrial.scaffold.model import Answers, File, ServiceAnswer
from seatrial.scaffold.wiring.base import Wiring

API = ServiceAnswer("api", "fastapi", "postgres", 8000, 5432)
PAGE = ServiceAnswer("page", "frontend", "", 3000, 0, "api", 8000)
STACK = "deploy/dev/docker-compose.yml"


def new_text(folder: str = "shop", no_git: str | None = "") -> list[str]:
    answers = Answers("shop", (API, PAGE))
    tree = {"Makefile": File(""), "README.md": File("")}
    return new_lines(Path(folder), answers, tree, no_git, ascii=False, colour=False)


def add_text(laid: Laid) -> list[str]:
    return add_lines(API, laid, ascii=True, colour=False)


def test_new_says_what_is_where_and_what_to_do_next() -> None:
    assert new_text() == [
        "✓ shop: 2 files in shop",
        "  api (fastapi), http://localhost:8000 in dev, api-database (PostgreSQL) at port 5432",
        "  page (frontend), http://localhost:3000 in dev, calls api",
        "next: cd shop; make test; make dev",
    ]


@pytest.mark.parametrize(
    ("folder", "line"),
    [
        (".", "next: make test; make dev"),
        ("my shop", "next: cd 'my shop'; make test; make dev"),
        ("a\x1b[31m", "next: cd a; make test; make dev"),
    ],
)
def test_the_next_command_can_be_pasted(folder: str, line: str) -> None:
    assert new_text(folder)[-1] == line


def test_why_there_is_no_git_repository_is_said_where_one_was_wanted() -> None:
    assert "no git repository was made: there is no git here" in new_text(
        no_git="there is no git here"
    )
    assert not any("git" in line for line in new_text(no_git=None))


def test_add_says_what_is_new_what_was_wired_and_what_was_left() -> None:
    laid = Laid(
        {
            "services/api/Dockerfile": File(""),
            "services/api/tests/unit/test_a.py": File(""),
            "tests/integration/test_api.py": File(""),
            STACK: File(""),
        },
        {STACK: Wiring("", ("services.api",), ("volumes.api-database",))},
        kept=("pyproject.toml",),
        absent=("Makefile",),
    )
    assert add_text(laid) == [
        "+ api: 3 new files",
        "  services/api/ (2 files)",
        "  tests/integration/test_api.py",
        f"  added to {STACK}: services.api",
        f"  was in {STACK}: volumes.api-database",
        "  left as it was: pyproject.toml",
        "  not there, so left out: Makefile",
        "  api (fastapi), http://localhost:8000 in dev, api-database (PostgreSQL) at port 5432",
        "next: seatrial test api; seatrial up dev",
    ]


def test_what_has_no_container_is_not_brought_up() -> None:
    assert add_text(Laid({"services/api/a.py": File("")}))[-1] == "next: seatrial test api"


def test_a_dry_run_has_a_line_for_each_file() -> None:
    wired = {STACK: Wiring("", ("services.api",))}
    assert dry_run_lines(["b", "a", STACK], wired) == [
        "would write a",
        "would write b",
        f"would add to {STACK}: services.api",
    ]


def test_colour_is_for_those_who_want_it() -> None:
    lines = new_lines(Path(), Answers("shop"), {}, None, ascii=False, colour=True)
    assert lines[0].startswith("\x1b[")
