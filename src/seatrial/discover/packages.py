"""What a package.json says about tests."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.errors import ConfigError, Where

UNIT_SCRIPTS = ("test:unit", "test")
SERVICE_SCRIPTS = ("test:integration", "test:service")
# What `npm init` writes where nobody has tests yet.
_PLACEHOLDER = "no test specified"
_RUNNERS = ("vitest", "jest")
_BARE_VITEST = re.compile(r"(?:npx\s+)?vitest(?:\s+run)?(?:\s+--(?:run|coverage|silent|no-color))*")


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of a package.json that matter here."""

    scripts: dict[str, str]
    dependencies: frozenset[str]

    def script(self, names: tuple[str, ...]) -> str | None:
        """Return the first of ``names`` that is a real script."""
        return next(
            (n for n in names if _PLACEHOLDER not in self.scripts.get(n, _PLACEHOLDER)), None
        )

    def runs_all(self, script: str) -> bool:
        """Return whether ``script`` is vitest alone, without a word on which tests it runs."""
        return bool(_BARE_VITEST.fullmatch(self.scripts[script].strip()))

    def runner(self, script: str | None) -> str:
        """Return the runner that ``script`` starts, or else the one that is installed.

        A script that names neither is ``command``, unless it hands on to another script.
        """
        text = self.scripts.get(script or "", "")
        for runner in _RUNNERS:
            if re.search(rf"(?<![\w-]){runner}(?![\w-])", text):
                return runner
        handed_on = re.search(r"\b(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?([\w:-]+)", text)
        if handed_on and handed_on[1] != script and handed_on[1] in self.scripts:
            rest = {name: body for name, body in self.scripts.items() if name != script}
            return Package(rest, self.dependencies).runner(handed_on[1])
        if text:
            return "command"
        return next((runner for runner in _RUNNERS if runner in self.dependencies), "vitest")


def read_package(folder: Path) -> Package | None:
    """Return the package.json of ``folder``; raises ``ConfigError`` where it is broken."""
    file = folder / "package.json"
    if not file.is_file():
        return None
    try:
        document: Any = json.loads(file.read_bytes())
    except ValueError as error:
        line = getattr(error, "lineno", 0)
        raise ConfigError(
            f"broken JSON: {error}", where=Where(file, line), mend="mend the file"
        ) from None
    if not isinstance(document, dict):
        raise ConfigError("not a JSON object", where=Where(file, 1), mend="mend the file")
    return Package(
        {k: v for k, v in _table(document, "scripts").items() if isinstance(v, str)},
        frozenset({**_table(document, "dependencies"), **_table(document, "devDependencies")}),
    )


def _table(document: dict[str, Any], name: str) -> dict[str, Any]:
    value = document.get(name)
    return value if isinstance(value, dict) else {}
