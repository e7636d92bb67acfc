"""An examination of the machine in words, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.discover.doctor import (
    FEW_OPEN_FILES,
    OLDEST_COMPOSE,
    Examination,
    Finding,
    State,
    Subject,
)
from seatrial.render.style import Line, Span, Style, glyphs, line, painted
from seatrial.render.width import cells

SCHEMA_VERSION = 1

_STYLES = {State.GOOD: Style.GOOD, State.WEAK: Style.WARN, State.MISSING: Style.BAD}
_COMPOSE = ".".join(str(part) for part in OLDEST_COMPOSE)


@dataclass(frozen=True, slots=True)
class _Words:
    """What a subject is called, what its lack costs, how to get it, and what is weak about it."""

    title: str
    cost: str = ""
    mend: str = ""
    weak: str = ""


_WORDS: Mapping[Subject, _Words] = {
    Subject.GIT: _Words(
        "git",
        "names of worktrees show no branch, and `seatrial update` cannot merge",
        "install git with the system's package manager",
    ),
    Subject.PYTHON: _Words("Python"),
    Subject.UV: _Words(
        "uv",
        "Python environments are made with venv and pip, which is slower",
        "https://docs.astral.sh/uv/",
    ),
    Subject.NODE: _Words("Node.js", "suites in JavaScript are left out", "https://nodejs.org"),
    Subject.NPM: _Words("npm", "suites in JavaScript are left out", "it comes with Node.js"),
    Subject.GO: _Words("Go", "suites in Go are left out", "https://go.dev/dl/"),
    Subject.CARGO: _Words("Cargo", "suites in Rust are left out", "https://rustup.rs"),
    Subject.DOCKER: _Words("Docker CLI", "no Docker runtime", "https://docs.docker.com/engine/"),
    Subject.ENGINE: _Words(
        "Docker engine",
        "no Docker runtime",
        "start one, or choose a `docker context` that answers",
        "before version 25 it has no start_interval: ready services are noticed later",
    ),
    Subject.COMPOSE: _Words(
        "Compose",
        f"no Docker runtime, which needs Compose {_COMPOSE} or newer",
        "https://docs.docker.com/compose/install/",
    ),
    Subject.BUILDX: _Words(
        "buildx", "images are built by the older builder", "https://github.com/docker/buildx"
    ),
    Subject.POSTGRES: _Words(
        "PostgreSQL",
        "the process runtime cannot serve PostgreSQL images",
        'install "seatrial[local]"',
    ),
    Subject.VALKEY: _Words(
        "Redis or Valkey",
        "the process runtime cannot serve Redis and Valkey images",
        'install "seatrial[local]"',
    ),
    Subject.LOOPBACK: _Words(
        "loopback addresses",
        "no process runtime: each service needs an address of its own",
        "on macOS: sudo ifconfig lo0 alias 127.0.0.2",
    ),
    Subject.MEMORY: _Words(
        "memory file system",
        "databases keep their data on disk, which is slower",
        "make /dev/shm larger (docker run --shm-size=1g)",
    ),
    Subject.OPEN_FILES: _Words(
        "open files",
        "many services at once may run out of them",
        f"ulimit -n {4 * FEW_OPEN_FILES}",
    ),
    Subject.DISK: _Words("free disk", "images and environments may not fit", "make room"),
    Subject.CACHE: _Words(
        "cache's file system",
        "it is remote: slow, and locks may not hold",
        "let XDG_CACHE_HOME and XDG_STATE_HOME name a local folder",
    ),
}
_RUNTIMES = {"docker": "Docker", "process": "local processes"}


def doctor_lines(
    examination: Examination, *, ascii: bool = False, colour: bool = False
) -> list[str]:
    """Return a line for each finding, what each lack costs, and which runtimes can be had."""
    marks = glyphs(ascii)
    mark = {State.GOOD: marks.passed, State.WEAK: marks.waiting, State.MISSING: marks.failed}
    width = max(cells(_WORDS[f.subject].title) for f in examination.findings) + 2
    lines: list[Line] = []
    for finding in examination.findings:
        words = _WORDS[finding.subject]
        lead = Span(f"{mark[finding.state]} ", _STYLES[finding.state])
        said = _found(finding)
        lines.append(line(lead, f"{words.title:<{width}}", *said))
        if finding.state is not State.GOOD:
            pad = " " * (width + 2)
            lines.append(line(f"{pad}{_cost(finding)}"))
            lines.append(line(f"{pad}{marks.arrow} ", words.mend))
    return [*painted(lines, colour), "", *painted([_conclusion(examination)], colour)]


def doctor_json(examination: Examination) -> str:
    """Return the examination as one JSON document with its schema's version."""
    document = {
        "v": SCHEMA_VERSION,
        "runtimes": list(examination.runtimes),
        "exit_code": examination.exit_code,
        "findings": [_plain(finding) for finding in examination.findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _plain(finding: Finding) -> dict[str, str]:
    plain = {
        "subject": str(finding.subject),
        "state": str(finding.state),
        "found": finding.found,
        "detail": finding.detail,
    }
    if finding.state is State.GOOD:
        return plain
    return {**plain, "cost": _cost(finding), "mend": _WORDS[finding.subject].mend}


def _cost(finding: Finding) -> str:
    words = _WORDS[finding.subject]
    return words.weak if finding.state is State.WEAK and words.weak else words.cost


def _found(finding: Finding) -> tuple[Span | str, ...]:
    if finding.state is State.MISSING and not finding.found:
        return (Span(finding.detail or "not found", Style.QUIET),)
    detail = f"  {finding.detail}" if finding.detail else ""
    return (finding.found or "", Span(detail if finding.found else finding.detail, Style.QUIET))


def _conclusion(examination: Examination) -> Line:
    if not examination.runtimes:
        return line(Span("No runtime can be had: only unit tests can run here.", Style.BAD))
    names = " and ".join(_RUNTIMES[name] for name in examination.runtimes)
    return line(Span(f"Environments can run on {names}.", Style.GOOD))
