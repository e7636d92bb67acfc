"""Which output, with which colours and glyphs: a pure decision from facts.

Sources: no-color.org (NO_COLOR, any value that is not empty), bixense.com/clicolors
(CLICOLOR_FORCE), force-color.org (FORCE_COLOR), terminfo's ``dumb``. Agents name themselves in
variables of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

AGENT_VARIABLES = (
    "AI_AGENT",
    "CLAUDECODE",
    "CLAUDE_CODE",
    "CURSOR_AGENT",
    "GEMINI_CLI",
    "CODEX_SANDBOX",
    "CODEX_THREAD_ID",
    "COPILOT_AGENT",
    "OPENCODE",
    "AUGMENT_AGENT",
    "GOOSE_TERMINAL",
)
_OFF = ("", "0", "false", "no")


class Display(StrEnum):
    """What ``--output`` takes."""

    AUTO = "auto"
    LIVE = "live"
    PLAIN = "plain"
    AGENT = "agent"
    JSON = "json"


class Annotations(StrEnum):
    """Whose workflow commands a log is read with."""

    NONE = ""
    GITHUB = "github"
    GITEA = "gitea"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about standard output; ``width`` is in columns, ``encoding`` its own."""

    tty: bool
    encoding: str = "utf-8"
    width: int = 80
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided; ``display`` is never ``AUTO``."""

    display: Display
    colour: bool = False
    ascii: bool = False
    width: int = 80
    annotations: Annotations = Annotations.NONE


def choose(asked: Display, facts: Facts) -> Choice:
    """Return how to show a run; an explicit ``--output`` wins over every fact."""
    display = _automatic(facts) if asked is Display.AUTO else asked
    quiet = display in (Display.AGENT, Display.JSON)
    return Choice(
        display=display,
        colour=not quiet and _colour(facts),
        ascii=not _is_utf8(facts.encoding),
        width=max(facts.width, 1),
        annotations=_annotations(facts.env) if display is Display.PLAIN else Annotations.NONE,
    )


def called_by_an_agent(env: Mapping[str, str]) -> bool:
    """Return whether a coding agent started this process."""
    return any(_is_on(env, name) for name in AGENT_VARIABLES)


def _automatic(facts: Facts) -> Display:
    if called_by_an_agent(facts.env):
        return Display.AGENT
    in_ci = _is_on(facts.env, "CI") or _annotations(facts.env) is not Annotations.NONE
    if facts.tty and not in_ci and facts.env.get("TERM") != "dumb":
        return Display.LIVE
    return Display.PLAIN


def _colour(facts: Facts) -> bool:
    if facts.env.get("NO_COLOR"):
        return False
    if _is_on(facts.env, "FORCE_COLOR") or _is_on(facts.env, "CLICOLOR_FORCE"):
        return True
    if facts.env.get("FORCE_COLOR") in ("0", "false") or facts.env.get("CLICOLOR") == "0":
        return False
    return facts.tty and facts.env.get("TERM") != "dumb"


def _is_utf8(encoding: str) -> bool:
    return encoding.lower().replace("-", "").replace("_", "") in ("utf8", "utf8sig", "cp65001")


def _annotations(env: Mapping[str, str]) -> Annotations:
    # Gitea's runner sets both, for the sake of actions written for GitHub.
    if _is_on(env, "GITEA_ACTIONS"):
        return Annotations.GITEA
    return Annotations.GITHUB if _is_on(env, "GITHUB_ACTIONS") else Annotations.NONE


def _is_on(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").lower() not in _OFF
