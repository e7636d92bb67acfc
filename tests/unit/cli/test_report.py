from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from seatrial.cli.app import app, run
from seatrial.cli.report import command, complete_run
from seatrial.history.log import Log, log_of
from seatrial.history.store import FILE
from tests.unit.history.runs import a_run, record

FIRST, SECOND = "20260101-000000-aaaaaa", "20260102-000000-bbbbbb"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The .seatrial folder of a repository in which two runs were recorded."""
    root = tmp_path / "repo"
    (root / "services/a/tests/unit").mkdir(parents=True)
    (root / "seatrial.toml").touch()
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    kept = root / ".seatrial"
    kept.mkdir()
    for name in (FIRST, SECOND):
        record(kept, a_run(name))
    return kept


def test_runs_are_listed_the_newest_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == ["RUN", SECOND, FIRST]


def test_only_so_many_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "-n", "1", "--json"]) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)["runs"]] == [SECOND]


def test_a_run_that_is_under_way_is_listed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = Log(log_of(folder, "20260103-000000-cccccc"))
    log.append(a_run("20260103-000000-cccccc", ends=False))
    assert run(["report", "--json"]) == 0
    verdicts = [one["verdict"] for one in json.loads(capsys.readouterr().out)["runs"]]
    assert verdicts == ["running", "failed", "failed"]
    assert run(["report", "last", "--output", "plain"]) == 0
    assert "still under way" in capsys.readouterr().err
    log.close()


@pytest.mark.parametrize("name", ["last", SECOND, "20260102", "bbbbbb"])
def test_a_run_is_named_by_its_id_a_part_of_it_or_as_the_last(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", name, "--output", "json"]) == 0
    out = capsys.readouterr().out
    assert out == log_of(folder, SECOND).read_text()


def test_a_run_is_shown_as_by_test_and_as_junit(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", "last", "--output", "agent", "--junit", str(tmp_path / "j.xml")]) == 0
    assert "1 of 2 tests failed in 1 suite" in capsys.readouterr().out
    assert 'tests="2"' in (tmp_path / "j.xml").read_text()


@pytest.mark.parametrize("words", [["last"], [], [SECOND]])
def test_a_run_is_written_as_a_page_and_nothing_else_is_said(
    folder: Path, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "new/page.html"
    assert run(["report", *words, "--html", str(page)]) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"wrote {page}\n")
    text = page.read_text()
    assert SECOND in text
    assert "2 runs, 2 failed" in text


def test_a_page_can_be_had_beside_an_output(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--html", str(tmp_path / "page.html"), "--output", "agent"]
    assert run(["report", FIRST, *words]) == 0
    assert "1 of 2 tests failed in 1 suite" in capsys.readouterr().out
    assert "1 run, 1 failed" in (tmp_path / "page.html").read_text()


def test_a_page_stands_without_the_database(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / FILE).unlink()
    (folder / FILE).mkdir()
    assert run(["report", "--html", str(tmp_path / "page.html")]) == 0
    assert "the history cannot be used" in capsys.readouterr().err
    assert "The history could not be read." in (tmp_path / "page.html").read_text()


def test_a_page_says_that_its_run_is_under_way(folder: Path, tmp_path: Path) -> None:
    log = Log(log_of(folder, "20260103-000000-cccccc"))
    log.append(a_run("20260103-000000-cccccc", ends=False))
    assert run(["report", "--html", str(tmp_path / "page.html")]) == 0
    assert "this run is still under way" in (tmp_path / "page.html").read_text()
    log.close()


def test_a_page_that_cannot_be_written_is_one_message(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert run(["report", "--html", str(tmp_path / "file/page.html")]) == 2
    assert "the page could not be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["2026"], "2 runs are called like '2026'"),
        (["nonsense"], "no run is called 'nonsense'"),
        (["../runs"], "no run is called '../runs'"),
        (["last", "--json"], "--json is for lists"),
        (["--output", "plain"], "there is no run to show"),
    ],
)
def test_what_makes_no_sense_is_said(
    folder: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", *words]) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


def test_a_spoilt_database_costs_the_list_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / FILE).write_bytes(b"no database" * 1000)
    assert run(["report", "--json"]) == 0
    captured = capsys.readouterr()
    assert len(json.loads(captured.out)["runs"]) == 2
    assert f"{FILE}.corrupt-1" in captured.err


def test_where_nothing_was_recorded_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "seatrial.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert run(["report"]) == 0
    assert "no run is recorded here" in capsys.readouterr().out
    assert run(["report", "last"]) == 2
    assert "no run is recorded here" in capsys.readouterr().err


def completed(start: Path, text: str) -> list[str]:
    root = click.Context(app)
    root.params["folder"] = start
    context = click.Context(command, parent=root)
    return [item.value for item in complete_run(context, command.params[0], text)]


def test_runs_are_completed_the_newest_first_and_nothing_is_written(folder: Path) -> None:
    assert completed(folder.parent, "") == ["last", SECOND, FIRST]
    assert completed(folder.parent, "20260101") == [FIRST]
    assert completed(folder.parent.parent / "nowhere", "") == []
    assert not (folder.parent.parent / "nowhere").exists()


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["schema"]])
def test_what_asks_nothing_of_the_past_does_not_import_the_database(
    folder: Path, words: list[str]
) -> None:
    test = folder.parent / "services/a/tests/unit/test_a.py"
    test.write_text("def test_a(): pass\n")
    (folder.parent / "services/a/pyproject.toml").write_text('[project]\nname = "a"\n')
    said = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "seatrial.cli.main", *words],
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in said.stderr.splitlines()}
    assert "seatrial" in imported
    assert imported & {"sqlite3", "seatrial.history"} == set()
