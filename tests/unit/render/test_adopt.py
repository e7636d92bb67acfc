"""The plan of ``init`` as a person reads it."""

from __future__ import annotations

from pathlib import Path

from seatrial.model.project import ServiceKind, Stage
from seatrial.render.adopt import proposal_lines, written_lines
from seatrial.scaffold.adopt.model import (
    ComposeSet,
    Difference,
    Findings,
    FoundService,
    FoundSuite,
    Proposal,
    ProposedFile,
)

ROOT = Path("/shop")
PORT = Difference("api", "port 80:80 at any port of the host", "two runs would want the same one")
MEMORY = Difference("db", "/data in memory", "data that stays makes tests slow")
PLAN = Proposal(
    Findings(
        ROOT,
        "shop",
        (
            FoundService(
                "api",
                "backend",
                ServiceKind.PYTHON,
                "pyproject.toml",
                "api",
                suites=(
                    FoundSuite(Stage.SERVICE, "it connects", ("tests",), apart=("tests/plain",)),
                ),
            ),
            FoundService(
                "page", ".", ServiceKind.NODE, "package.json", dropped={Stage.UNIT: "a browser"}
            ),
        ),
        (ComposeSet(".", (ROOT / "compose.yml",)),),
        ((ROOT / "prod.yml", "it is for prod"),),
    ),
    (
        ProposedFile("seatrial.toml", "it says how", there=True),
        ProposedFile("a.yml", "the whole has none", "name: a\n", "compose.yml", (PORT, MEMORY)),
        ProposedFile("b.yml", "api needs one", "name: b\n", "compose.yml", (PORT,)),
    ),
    ("look at this",),
)


def test_the_plan_says_what_was_found_what_would_be_written_and_why() -> None:
    assert list(proposal_lines(PLAN)) == [
        "shop  /shop",
        "",
        "Found",
        "  service    api  backend/  (pyproject.toml, compose service api)",
        "      service      tests but tests/plain  because it connects",
        "  service    page  the root  (package.json)",
        "      no unit      a browser",
        "  compose    compose.yml",
        "  compose    prod.yml, not used: it is for prod",
        "  there already, left as it is: seatrial.toml",
        "",
        "To write",
        "  a.yml  because the whole has none",
        "      from compose.yml, with these differences:",
        "      api",
        "        port 80:80 at any port of the host: two runs would want the same one",
        "      db",
        "        /data in memory: data that stays makes tests slow",
        "  b.yml  because api needs one",
        "      from compose.yml, with these differences:",
        "      as above: api",
        "",
        "To look at",
        "  look at this",
    ]


def test_the_texts_are_shown_on_request() -> None:
    assert "      | name: a" in list(proposal_lines(PLAN, texts=True))


def test_what_was_written_is_told_with_the_next_step() -> None:
    lines = list(written_lines(PLAN))
    assert lines[:2] == ["wrote a.yml", "wrote b.yml"]
    assert "seatrial test --dry-run" in lines[2]
