from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.cli.app import run


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_the_exit_code_is_what_the_document_says(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["doctor", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert code == document["exit_code"]
    assert "docker" not in document["runtimes"]


def test_results_go_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    run(["doctor"])
    captured = capsys.readouterr()
    assert "git" in captured.out
    assert "not found" in captured.out
    assert captured.err == ""
