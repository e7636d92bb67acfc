"""Schemas of other people's formats, with and without the package that ships them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.composefile.reading import parse
from seatrial.lint.helpers import schemas

WORKFLOW = """\
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    timeout-minutes: soon
    steps:
      - run: make test
"""


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    schemas._validator.cache_clear()
    yield
    schemas._validator.cache_clear()


def test_what_breaks_the_schema_is_told_where_it_stands() -> None:
    root = parse(WORKFLOW, Path("test.yml"))[0]
    ((span, what),) = schemas.violations(root, "github-workflows")
    assert WORKFLOW[span.start : span.end] == "soon"
    assert what.startswith("jobs.test.timeout-minutes: ")


def test_nothing_is_said_where_the_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "check_jsonschema", None)
    root = parse(WORKFLOW, Path("test.yml"))[0]
    assert list(schemas.violations(root, "github-workflows")) == []


def test_nothing_is_said_of_a_format_that_nobody_ships() -> None:
    root = parse(WORKFLOW, Path("test.yml"))[0]
    assert list(schemas.violations(root, "no-such-format")) == []
