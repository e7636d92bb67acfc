"""The guide to seatrial.testing, run as its reader would run it."""

from __future__ import annotations

from pathlib import Path

from tests.support.inner_pytest import pytest_in, written


def test_the_unit_tests_of_the_guide_pass(tmp_path: Path) -> None:
    names = written(tmp_path)
    assert "tests/unit/test_waiting.py" in names
    answer = pytest_in(tmp_path, "tests/unit")
    assert answer.returncode == 0, answer.stdout


def test_the_integration_tests_of_the_guide_ask_for_an_environment(tmp_path: Path) -> None:
    written(tmp_path)
    answer = pytest_in(tmp_path, "tests/integration/test_health.py")
    assert answer.returncode == 1
    assert "TEST_API_URL is not set" in answer.stdout
