"""What hadolint finds in Dockerfiles, as findings of ours with its own codes (``DL3008``).

It is a program of its own, of the extra ``seatrial[dockerfile]``. It reads the user's
``.hadolint.yaml`` and ``# hadolint ignore=`` comments itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seatrial.errors import ConfigError, EnvironmentFailure, RuntimeMissing, Where
from seatrial.host.processes import Completed, Processes
from seatrial.lint.model import Finding, Severity
from seatrial.lint.positions import Lines

_SEVERITIES = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "info": Severity.NOTE,
    "style": Severity.NOTE,
}
# What rules of ours find too: root, tags, the lists of apt, ADD, the form of CMD.
_DOUBLES = frozenset(("DL3002", "DL3006", "DL3007", "DL3009", "DL3020", "DL3025"))
_AT_ONCE = 4
_LONGEST = 60.0


def program(processes: Processes, scripts: Path) -> str | None:
    """Return the path of hadolint: of the extra in the folder ``scripts``, else on ``PATH``."""
    own = scripts / "hadolint"
    return str(own) if own.is_file() else processes.find("hadolint")


def missing() -> RuntimeMissing:
    """Return what to say where hadolint was asked for and is not there."""
    return RuntimeMissing(
        "no program 'hadolint'", mend="install it: pip install 'seatrial[dockerfile]'"
    )


class Hadolint:
    """Asks the program once for each text, however often it is called."""

    def __init__(self, program: str, processes: Processes, root: Path) -> None:
        self._program = program
        self._processes = processes
        self._root = root
        self._known: dict[tuple[str, str], list[Finding]] = {}

    def __call__(self, texts: Mapping[str, str]) -> list[Finding]:
        """Return what hadolint finds in Dockerfiles, given by their paths below the root.

        Raises ``EnvironmentFailure`` where it cannot be run, ``ConfigError`` where its own
        configuration is broken, ``DeadlinePassed`` where it hangs.
        """
        new = {path: text for path, text in texts.items() if (path, text) not in self._known}
        if new:
            asyncio.run(self._examine(new))
        return [found for path, text in texts.items() for found in self._known[path, text]]

    async def _examine(self, texts: Mapping[str, str]) -> None:
        free = asyncio.Semaphore(_AT_ONCE)

        async def one(path: str, text: str) -> None:
            async with free:
                answer = await self._processes.run(
                    (self._program, "--no-fail", "--no-color", "--format", "json", "-"),
                    cwd=self._root,
                    input=text,
                    timeout=_LONGEST,
                )
            self._known[path, text] = _findings(path, text, _entries(path, answer))

        await asyncio.gather(*(one(path, text) for path, text in texts.items()))


def _entries(path: str, answer: Completed) -> list[dict[str, Any]]:
    said = tuple(answer.err.replace("\\n", "\n").splitlines())
    if "config file" in answer.err:
        # It goes on without, so what the user left out would be found.
        raise ConfigError(
            "hadolint cannot read its configuration",
            mend="correct .hadolint.yaml",
            detail=said[-3:],
        )
    try:
        found = json.loads(answer.out)
    except ValueError:
        found = None
    if isinstance(found, list):
        return [entry for entry in found if isinstance(entry, dict)]
    raise EnvironmentFailure(
        f"hadolint ended with {answer.code} and no answer",
        where=Where(Path(path)),
        mend="mend it, or leave it out with --no-hadolint",
        detail=said[:5],
    )


def _findings(path: str, text: str, entries: list[dict[str, Any]]) -> list[Finding]:
    lines = Lines(text)
    found = []
    for entry in entries:
        code, line = str(entry.get("code", "")), max(int(entry.get("line", 1)), 1)
        severity = _SEVERITIES.get(str(entry.get("level")))
        if severity is None or code in _DOUBLES:
            continue
        line = min(line, lines.count)
        written = lines.text(line)
        column = min(max(int(entry.get("column", 1)), 1), len(written) + 1)
        what = " ".join(str(entry.get("message", "")).split()).rstrip(".")
        found.append(
            Finding(
                code,
                "hadolint",
                severity,
                Path(path),
                line,
                column,
                line,
                len(written) + 1,
                what,
                f"see {_page(code)}",
            )
        )
    return found


def _page(code: str) -> str:
    if code.startswith("SC"):
        return f"https://www.shellcheck.net/wiki/{code}"
    return f"https://github.com/hadolint/hadolint/wiki/{code}"
