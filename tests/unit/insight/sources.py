"""Made-up repositories for the tests of insight: texts of files, and what their tests took."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from seatrial.insight.causes import Causes
from seatrial.insight.model import Cause
from seatrial.insight.sources import Sources
from seatrial.model.result import Outcome, TestResult

FOLDER = "services/a"
FILE = "tests/unit/test_a.py"


def took(
    test: str, *, setup: float = 0.0, call: float = 0.0, teardown: float = 0.0, file: str = FILE
) -> TestResult:
    """Return a test that passed in so many seconds."""
    phases = (("set-up", setup), ("call", call), ("teardown", teardown))
    return TestResult(
        f"{file}::{test}", Outcome.PASSED, setup + call + teardown, phases=phases, file=file
    )


def causes(files: Mapping[str, str], *results: TestResult) -> Causes:
    """Return what looks for causes in a suite; ``files`` are relative to its folder."""
    texts = {f"{FOLDER}/{file}": dedent(text) for file, text in files.items()}
    return Causes(Sources(FOLDER, texts.get), results)


def causes_of(text: str, *results: TestResult, conftest: str = "") -> list[Cause]:
    """Return the causes of the first of ``results`` in a file of ``text``."""
    looked = causes({FILE: text, "tests/conftest.py": conftest}, *results)
    found = looked.of(results[0])
    assert found is not None
    return list(found)
