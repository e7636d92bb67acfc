"""Which compose files Compose reads together."""

from __future__ import annotations

import re

from seatrial.lint.collecting import Collected
from seatrial.lint.kinds import Kind

_VARIANT = re.compile(r"((?:docker-)?compose)[._-][\w.-]+\.ya?ml")


def layers_of(path: str, collected: Collected) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is laid over a compose file, and what it is laid over itself.

    A file whose name adds words to that of another in its folder (``compose.override.yml``,
    ``docker-compose.prod.yml``) is an override of it. Suites of ``seatrial.toml`` say others.
    """
    folder, _, name = path.rpartition("/")
    prefix = f"{folder}/" if folder else ""
    variant = _VARIANT.fullmatch(name)
    above, below = _of_suites(path, collected)
    if variant:
        names = (f"{variant[1]}.yml", f"{variant[1]}.yaml", "compose.yaml", "docker-compose.yml")
        base = next((prefix + n for n in names if prefix + n in collected.kinds), None)
        below += (base,) if base and base not in below else ()
        return above, below
    beside = (
        other
        for other, kind in collected.kinds.items()
        if kind is Kind.COMPOSE and other.startswith(prefix) and "/" not in other[len(prefix) :]
    )
    above += tuple(o for o in beside if _VARIANT.fullmatch(o[len(prefix) :]) and o not in above)
    return above, below


def _of_suites(path: str, collected: Collected) -> tuple[tuple[str, ...], tuple[str, ...]]:
    above: dict[str, None] = {}
    below: dict[str, None] = {}
    for suite in collected.suites:
        files = [
            file.relative_to(collected.root).as_posix()
            for file in suite.compose
            if file.is_relative_to(collected.root)
        ]
        if path in files:
            at = files.index(path)
            below.update(dict.fromkeys(files[:at]))
            above.update(dict.fromkeys(files[at + 1 :]))
    return tuple(above), tuple(below)
