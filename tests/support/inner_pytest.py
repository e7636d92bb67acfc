"""A pytest of its own for the tests of plugins: another process in a folder of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

GUIDE = Path(__file__).resolve().parents[2] / "docs/how-to/write-tests.md"
_PLUGINS = ("seatrial.testing.plugin", "no:cacheprovider")
_ANSWERS = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^```\w+\n# (\S+\.\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def written(folder: Path) -> list[str]:
    """Write each block of the guide that begins with a file's name, and return the names.

    JSON has no comments, so the recorded answers are those of the only block of JSON.
    """
    text = GUIDE.read_text()
    (answers,) = _ANSWERS.findall(text)
    files = {**dict(_FILE.findall(text)), "tests/unit/rates.json": answers}
    write(folder, files)
    return list(files)


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files, with the indentation taken off that their texts share."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"))


def pytest_in(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with our plugin, without what this pytest or a test environment has set."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "TEST_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *(f"-p{name}" for name in _PLUGINS), *words],
        cwd=folder,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
