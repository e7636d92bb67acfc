"""Made-up repositories for the tests of insight: texts of files, and what their tests took."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from seatrial.insight.causes import Causes
from seatrial.insight.model import Cause
from seatrial.insight.setups import Setups
from seatrial.insight.sources import Read, Sources
from seatrial.model.result import FixtureTime, Outcome, TestResult

FOLDER = "services/a"
FILE = "tests/unit/test_a.py"


def took(
    test: str,
    *,
    setup: float = 0.0,
    call: float = 0.0,
    teardown: float = 0.0,
    file: str = FILE,
    fixtures: tuple[FixtureTime, ...] = (),
) -> TestResult:
    """Return a test that passed in so many seconds; ``fixtures`` are part of its set-up."""
    phases = (("set-up", setup), ("call", call), ("teardown", teardown))
    seconds = setup + call + teardown
    name = f"{file}::{test}"
    return TestResult(name, Outcome.PASSED, seconds, phases=phases, file=file, fixtures=fixtures)


def causes(files: Mapping[str, str], *results: TestResult) -> Causes:
    """Return what looks for causes in a suite; ``files`` are relative to its folder."""
    sources = Sources(FOLDER, read(files))
    return Causes(sources, Setups(sources, results))


def read(files: Mapping[str, str]) -> Read:
    """Return what reads ``files``, named from the folder of the suite."""
    texts = {f"{FOLDER}/{file}": dedent(text) for file, text in files.items()}
    return texts.get


def causes_of(text: str, *results: TestResult, conftest: str = "") -> list[Cause]:
    """Return the causes of the first of ``results`` in a file of ``text``."""
    looked = causes({FILE: text, "tests/conftest.py": conftest}, *results)
    found = looked.of(results[0])
    assert found is not None
    return list(found)
