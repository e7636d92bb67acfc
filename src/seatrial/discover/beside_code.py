"""What Go and Rust packages hold in tests: both keep them beside the code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.discover.look import walk

_BUILD_TAG = re.compile(rb"^//go:build\s+(integration)\s*$", re.MULTILINE)
_RUST_TEST = re.compile(rb"#\[(?:\w+::)*test\b")


@dataclass(frozen=True, slots=True)
class GoTests:
    """The packages that one stage tests."""

    targets: tuple[str, ...]
    cause: str
    env: Mapping[str, str] = field(default_factory=dict)


def targets(folder: Path, target: str, stage: str) -> GoTests | None:
    """Return the packages of a stage: those below ``target`` are service tests, others unit.

    Service tests behind the build tag ``integration`` get it by GOFLAGS.
    """
    files = [file for file in walk(folder) if file.name.endswith("_test.go")]
    deeper = folder / ("tests/integration" if stage == "unit" else target)
    service = [file for file in files if file.is_relative_to(deeper)]
    if stage != "unit":
        tagged = any(_BUILD_TAG.search(file.read_bytes()) for file in service)
        env = {"GOFLAGS": "-tags=integration"} if tagged else {}
        return GoTests((f"./{target}/...",), f"{target} exists", env) if service else None
    unit = [file for file in files if file not in service]
    if not unit:
        return None
    if not service:
        return GoTests(("./...",), "go test ./...")
    packages = sorted({file.parent.relative_to(folder).as_posix() for file in unit})
    return GoTests(
        tuple(f"./{package}".removesuffix("/.") for package in packages),
        "go test, without its service tests",
    )


def has_rust_tests(folder: Path) -> bool:
    """Return whether a Rust file below ``folder`` has a test in it."""
    return any(f.suffix == ".rs" and _RUST_TEST.search(f.read_bytes()) for f in walk(folder))
