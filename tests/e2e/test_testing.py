"""The guide to seatrial.testing, run as its reader would run it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.inner_pytest import pytest_in

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs/how-to/write-tests.md"
_FILE = re.compile(r"^```\w+\n(?:# |)(\S+\.\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def written(folder: Path) -> list[str]:
    """Write each block of the guide that begins with a file's name, and return the names."""
    names = []
    for name, text in _FILE.findall(GUIDE.read_text()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        names.append(name)
    return names


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
