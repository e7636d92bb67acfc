"""What a JavaScript runner is told in order to measure, and what it lacks for that.

Python needs no words here: the interpreter itself is told (see ``toolchains.measured``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seatrial.model.project import Suite

FOLDER, REPORT = "coverage", "lcov.info"
_PROVIDERS = ("@vitest/coverage-v8", "@vitest/coverage-istanbul")
_KINDS = ("lines", "functions", "branches", "statements")
_MEASURED = ("pytest", "vitest", "jest", "command")


def is_measurable(suite: Suite) -> bool:
    """Return whether seatrial knows how to have the suite's runner measured."""
    return suite.runner in _MEASURED


def lacking(suite: Suite) -> str:
    """Return the package without which a suite cannot be measured; empty where it is there."""
    if suite.runner == "vitest" and not any(_installed(suite.folder, _PROVIDERS)):
        return _PROVIDERS[0]
    return ""


def words(runner: str, scratch: Path, *, few: bool = False) -> list[str]:
    """Return options that have vitest or jest write lcov into a folder of ``scratch``.

    Where ``few`` tests run again, the thresholds of the user's settings are not for them.
    """
    folder = scratch / FOLDER
    if runner == "jest":
        free = ["--coverageThreshold={}"] if few else []
        own = ["--coverage", "--coverageReporters=lcovonly", f"--coverageDirectory={folder}"]
        return [*own, *free]
    free = [f"--coverage.thresholds.{kind}=0" for kind in _KINDS] if few else []
    return [
        "--coverage.enabled=true",
        "--coverage.reporter=lcovonly",
        "--coverage.reportOnFailure=true",
        f"--coverage.reportsDirectory={folder}",
        *free,
    ]


def reports(scratch: Path) -> list[Path]:
    """Return what was written because of :func:`words`."""
    return sorted(scratch.glob(f"{FOLDER}/{REPORT}"))


def _installed(folder: Path, packages: tuple[str, ...]) -> Iterator[bool]:
    """Yield for each package whether Node would find it from ``folder``."""
    for package in packages:
        for above in (folder, *folder.parents):
            yield (above / "node_modules" / package / "package.json").is_file()
