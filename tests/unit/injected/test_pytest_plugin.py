"""The plugin's own promises, besides those that the contract suite holds it to."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.runners.pytest import PLUGIN_FOLDER

PLUGIN = PLUGIN_FOLDER / "seatrial_report.py"
TEST = "def test_fine(): pass\n"


def run(folder: Path, report: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "SEATRIAL_REPORT": str(report), "PYTHONPATH": str(PLUGIN_FOLDER)}
    argv = [sys.executable, "-m", "pytest", "-p", "seatrial_report", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(
        argv, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False
    )


def test_it_is_written_in_the_python_of_pytest_7() -> None:
    for file in PLUGIN_FOLDER.glob("*.py"):
        ast.parse(file.read_text(), feature_version=(3, 7))


def test_it_imports_only_the_standard_library_and_pytest() -> None:
    files = list(PLUGIN_FOLDER.glob("*.py"))
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    names = {a.name for n in nodes if isinstance(n, ast.Import) for a in n.names}
    froms = {n.module for n in nodes if isinstance(n, ast.ImportFrom)}
    used = {str(name).partition(".")[0] for name in names | froms}
    assert used <= {*sys.stdlib_module_names, "pytest", *(file.stem for file in files)}


def test_a_pipe_that_nobody_reads_does_not_hold_pytest_up(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(TEST)
    os.mkfifo(tmp_path / "report")
    assert run(tmp_path, tmp_path / "report").returncode == 0


def test_a_report_that_cannot_be_opened_does_not_fail_the_run(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(TEST)
    assert run(tmp_path, tmp_path / "no" / "such" / "folder").returncode == 0


@pytest.mark.parametrize("character", ["x", "\x01", "\U0001f6a2"])
def test_no_fact_is_longer_than_a_line_may_be(tmp_path: Path, character: str) -> None:
    much = f"{character!r} * 90000"
    body = f"def test_huge():\n    print({much})\n    assert 0, {much}\n"
    (tmp_path / "test_a.py").write_text(body, encoding="utf-8")
    report = tmp_path / "report"
    report.touch()
    assert run(tmp_path, report).returncode == 1
    lines = report.read_text(encoding="utf-8").splitlines()
    assert any('"t":"finish"' in line for line in lines)
    assert max(map(len, lines)) < 64 * 1024


def test_tests_are_named_from_where_pytest_was_started_also_below_its_configuration(
    tmp_path: Path,
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    folder = tmp_path / "services/web"
    (folder / "tests").mkdir(parents=True)
    parametrized = "import pytest\n@pytest.mark.parametrize('a', ['[x]::y'])\ndef test_a(a): pass\n"
    (folder / "tests/test_a.py").write_text(parametrized)
    (folder / "tests/test_b.py").write_text("import nothing_here\n")
    report = tmp_path / "report"
    report.touch()
    run(folder, report)
    facts = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    ids = {(fact["id"], fact["file"]) for fact in facts if "file" in fact}
    assert ids == {("tests/test_b.py", "tests/test_b.py")}
    (folder / "tests/test_b.py").unlink()
    report.write_text("")
    assert run(folder, report).returncode == 0
    facts = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    ids = {(fact["id"], fact["file"]) for fact in facts if "file" in fact}
    assert ids == {("tests/test_a.py::test_a[[x]::y]", "tests/test_a.py")}
