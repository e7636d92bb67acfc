"""Which kind of document a file is, by its path alone."""

from __future__ import annotations

import re
from enum import StrEnum

from seatrial.lint.model import Tier

# In bytes: no file that a person wrote is as large.
LARGEST = 2**20
# Folders of other people's files.
FOREIGN = frozenset(
    ("node_modules", "__pycache__", "venv", "site-packages", "dist", "build", "target", "vendor")
)


class Kind(StrEnum):
    """The kinds of files that lint has rules for."""

    COMPOSE = "compose"
    DOCKERFILE = "dockerfile"
    WORKFLOW = "workflow"
    MAKEFILE = "makefile"
    ENV = "env"
    TEST = "test"


_NAMES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.COMPOSE, re.compile(r"(?:docker-)?compose(?:[._-][\w.-]+)?\.ya?ml")),
    (
        Kind.DOCKERFILE,
        re.compile(r"(?:Docker|Container)file(?!.*\.dockerignore$)(?:\..+)?|.+\.[Dd]ockerfile"),
    ),
    (Kind.MAKEFILE, re.compile(r"(?:GNUm|M|m)akefile|.+\.mk")),
    (Kind.ENV, re.compile(r"\.env(?:\..+)?|.+\.env")),
)
# A compose file whose name adds words to that of another, over which it is laid.
VARIANT = re.compile(r"((?:docker-)?compose)[._-][\w.-]+\.ya?ml")
_WORKFLOW = re.compile(r"(?:.*/)?\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml")
_SCRIPT = re.compile(r"(?:.*/)?scripts/(?:.*/)?[^/]+\.(?:sh|bash)")
_TIER = re.compile(r"(?:.*/)?deploy/(dev|test|prod)/(?:.*/)?[^/]+")


def kind_of(path: str) -> Kind | None:
    """Return the kind of a file from its path (relative, with slashes); tests are not known so."""
    if _WORKFLOW.fullmatch(path):
        return Kind.WORKFLOW
    name = path.rpartition("/")[2]
    found = next((kind for kind, pattern in _NAMES if pattern.fullmatch(name)), None)
    return found or (Kind.MAKEFILE if _SCRIPT.fullmatch(path) else None)


def tier_of(path: str) -> Tier | None:
    """Return the environment that a file belongs to, as its folder ``deploy/<tier>/`` says."""
    found = _TIER.fullmatch(path)
    return Tier(found[1]) if found else None
