"""Which files of a suite look like tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.discover.testfiles import test_files as files_of
from seatrial.model.project import Stage, Suite


def suite(folder: Path, runner: str, **changes: object) -> Suite:
    return Suite(Stage.UNIT, "web", folder, runner, "a test", **changes)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (
        *("tests/unit/test_a.py", "tests/unit/deep/b_test.py", "tests/unit/helper.py"),
        *("tests/unit/conftest.py", "tests/integration/test_c.py", ".venv/test_hidden.py"),
        *("src/a.test.ts", "src/b.spec.tsx", "tests/integration/deep/c.test.ts"),
        *("node_modules/x/x.test.js", "src/a.ts"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return tmp_path


def test_pytest_has_the_files_below_its_targets(folder: Path) -> None:
    unit = suite(folder, "pytest", targets=("tests/unit",))
    assert files_of(unit) == ("tests/unit/deep/b_test.py", "tests/unit/test_a.py")


def test_a_target_may_be_a_file_or_gone(folder: Path) -> None:
    unit = suite(folder, "pytest", targets=("tests/unit/test_a.py", "tests/gone"))
    assert files_of(unit) == ("tests/unit/test_a.py",)


def test_vitest_has_all_of_its_folder_but_what_the_command_leaves_out(folder: Path) -> None:
    every = ("src/a.test.ts", "src/b.spec.tsx", "tests/integration/deep/c.test.ts")
    assert files_of(suite(folder, "vitest")) == every
    command = ("npm", "run", "test", "--", "--exclude", "tests/integration/**")
    assert files_of(suite(folder, "vitest", command=command)) == every[:2]


@pytest.mark.parametrize("runner", ["go", "jest", "command"])
def test_other_runners_have_none(folder: Path, runner: str) -> None:
    assert files_of(suite(folder, runner)) == ()
