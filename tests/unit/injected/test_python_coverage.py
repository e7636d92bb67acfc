"""What runs in each Python process of a measured run must never harm it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import seatrial

FOLDER = Path(seatrial.__file__).parent / "injected/python_coverage"


def python(code: str, *search: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, (FOLDER, *search)))
    kept = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, "PYTHONPATH": path, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("settings", ["", "no JSON", "{}", '{"library": "/nowhere"}'])
def test_a_process_that_cannot_be_measured_runs_as_ever(settings: str) -> None:
    done = python("print('well')", SEATRIAL_COVERAGE=settings)
    assert (done.returncode, done.stdout, done.stderr) == (0, "well\n", "")


def test_the_module_of_the_same_name_behind_it_is_imported_too(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\nos.environ['SEEN'] = 'yes'\n")
    done = python(
        "import os, sys; print(os.environ['SEEN'], sys.modules['sitecustomize'].__file__)", tmp_path
    )
    assert done.stdout.split() == ["yes", str(tmp_path / "sitecustomize.py")]


def test_its_folder_leaves_the_search_path_and_stays_for_children() -> None:
    code = "import json, os, sys; print(json.dumps([sys.path, os.environ['PYTHONPATH']]))"
    search, variable = json.loads(python(code).stdout)
    assert str(FOLDER) not in search
    assert str(FOLDER) in variable
