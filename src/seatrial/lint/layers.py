"""Which compose files Compose reads together."""

from __future__ import annotations

from collections.abc import Collection

from seatrial.lint.collecting import Collected
from seatrial.lint.kinds import VARIANT


def layers_of(
    path: str, names: Collection[str], collected: Collected
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is laid over a compose file, and what it is laid over itself.

    A file whose name adds words to that of another in its folder (``compose.override.yml``,
    ``docker-compose.prod.yml``) is an override of it. Suites of ``seatrial.toml`` say others.
    ``names`` are those of the files in its folder.
    """
    folder, slash, name = path.rpartition("/")
    variant = VARIANT.fullmatch(name)
    above, below = _of_suites(path, collected)
    if variant:
        bases = (f"{variant[1]}.yml", f"{variant[1]}.yaml", "compose.yaml", "docker-compose.yml")
        base = next((f"{folder}{slash}{each}" for each in bases if each in names), None)
        return above, below + ((base,) if base and base not in below else ())
    beside = (f"{folder}{slash}{each}" for each in sorted(names) if VARIANT.fullmatch(each))
    return above + tuple(each for each in beside if each not in above), below


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
