"""The guide to seatrial.testing, run as its reader would run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

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


def pytest_in(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "TEST_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words],
        cwd=folder,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_unit_tests_of_the_guide_pass(tmp_path: Path) -> None:
    names = written(tmp_path)
    assert "tests/unit/test_waiting.py" in names
    answer = pytest_in(tmp_path, "tests/unit")
    assert answer.returncode == 0, answer.stdout
