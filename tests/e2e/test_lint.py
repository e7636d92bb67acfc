"""``seatrial lint`` as people, agents and CI systems call it."""

from __future__ import annotations

import json
import subprocess
import xml.etree.ElementTree as Xml
from pathlib import Path

import pytest

from tests.support.program import Repository

FILE = "deploy/test/docker-compose.yml"
TEXT = """\
# The tests' own database.
services:
  db:
    image: postgres:17   # as in prod
    ports: &ports
      - "5432:5432"      # the usual one
    privileged: true
    tmpfs: [/var/lib/postgresql/data]
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
      start_interval: 100ms
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    (tmp_path / "repo").mkdir()
    (tmp_path / "home").mkdir()
    quiet = {"NO_COLOR": "1", "AI_AGENT": "", "CLAUDECODE": "", "CI": "", "GITHUB_ACTIONS": ""}
    made = Repository(tmp_path / "repo", tmp_path / "home", quiet)
    subprocess.run(["git", "init", "-q", made.root], check=True)
    made.write(FILE, TEXT)
    return made


def test_findings_are_shown_at_their_place_and_fail_the_run(repository: Repository) -> None:
    said = repository.seatrial("lint")
    assert said.code == 1
    assert f"{FILE}:6:9: error SEA101" in said.out
    assert f"{FILE}:7:17: warning SEA303" in said.out
    assert said.err == ""


def test_nothing_found_is_good_and_so_is_nothing_to_look_at(repository: Repository) -> None:
    assert repository.seatrial("lint", "--select", "SEA6").code == 0
    (repository.root / FILE).unlink()
    assert repository.seatrial("lint").code == 0


def test_a_diff_is_what_a_fix_does_and_writes_nothing(repository: Repository) -> None:
    shown = repository.seatrial("lint", "--diff")
    assert shown.code == 1
    assert (repository.root / FILE).read_text() == TEXT
    fixed = repository.seatrial("lint", "--fix")
    assert "fixed" in fixed.out
    mended = (repository.root / FILE).read_text()
    assert '- "5432"      # the usual one' in mended
    assert "start_period: 30s" in mended
    repository.write(FILE, TEXT)
    subprocess.run(
        ["git", "apply", "-"], cwd=repository.root, input=shown.out, text=True, check=True
    )
    assert (repository.root / FILE).read_text() == mended


def test_a_second_run_finds_nothing_more_to_mend(repository: Repository) -> None:
    repository.seatrial("lint", "--fix")
    mended = (repository.root / FILE).read_text()
    again = repository.seatrial("lint", "--diff")
    assert (again.code, again.out) == (0, "")
    assert repository.seatrial("lint", "--fix").code == 1
    assert (repository.root / FILE).read_text() == mended


def test_files_with_conflicts_are_never_mended(repository: Repository) -> None:
    torn = TEXT + "<<<<<<< ours\n  a: {}\n=======\n  b: {}\n>>>>>>> theirs\n"
    repository.write(FILE, torn)
    said = repository.seatrial("lint", "--fix")
    assert said.code == 1
    assert f"{FILE}:12:1: error SEA901" in said.out
    assert (repository.root / FILE).read_text() == torn


def test_an_old_repository_starts_from_its_baseline(repository: Repository) -> None:
    assert (
        "written to known.json" in repository.seatrial("lint", "--write-baseline", "known.json").out
    )
    assert repository.seatrial("lint", "--baseline", "known.json").code == 0
    repository.write("seatrial.toml", '[lint]\nbaseline = "known.json"\n')
    assert repository.seatrial("lint").code == 0
    repository.write(FILE, TEXT + "  b: {image: x:1, privileged: true}\n")
    said = repository.seatrial("lint")
    assert said.code == 1
    assert f"{FILE}:12" in said.out
    assert f"{FILE}:6" not in said.out
    (repository.root / "known.json").unlink()
    missing = repository.seatrial("lint")
    assert missing.code == 2
    assert "there is no baseline known.json" in missing.err


def test_each_format_is_what_its_readers_take(repository: Repository) -> None:
    as_json = json.loads(repository.seatrial("lint", "--format", "json").out)
    codes = {finding["code"] for finding in as_json["findings"]}
    assert {"SEA101", "SEA201", "SEA303"} <= codes
    sarif = json.loads(repository.seatrial("lint", "--format", "sarif").out)
    assert {result["ruleId"] for result in sarif["runs"][0]["results"]} == codes
    junit = Xml.fromstring(repository.seatrial("lint", "--format", "junit").out)
    assert {case.get("name", "").split()[0] for case in junit.iter("testcase")} == codes
    github = repository.seatrial("lint", "--format", "github")
    assert f"::error file={FILE},line=6" in github.out
    assert github.code == 1


def test_an_agent_gets_a_line_a_finding(repository: Repository) -> None:
    repository.variables["CLAUDECODE"] = "1"
    agent = repository.seatrial("lint").out
    assert f"{FILE}:7:17: warning SEA303:" in agent
    assert "^" not in agent
    assert "^" in repository.seatrial("lint", "--format", "text").out


def test_a_report_goes_to_a_file_and_the_count_to_the_terminal(repository: Repository) -> None:
    said = repository.seatrial("lint", "--format", "sarif", "--output", "out/lint.sarif")
    assert said.code == 1
    assert said.out.rstrip().endswith("written to out/lint.sarif")
    assert json.loads((repository.root / "out/lint.sarif").read_text())["version"] == "2.1.0"


def test_rules_explain_and_list_themselves(repository: Repository) -> None:
    assert "privileged" in repository.seatrial("lint", "--explain", "sea303").out
    listed = repository.seatrial("lint", "--list").out.splitlines()
    assert [line for line in listed if line.startswith("SEA303  privileged")]
    assert listed == sorted(listed)
    counted = repository.seatrial("lint", "--statistics", "--select", "SEA3")
    assert "1  SEA303  privileged" in counted.out
    assert counted.code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--select", "SEA333"], "no rule is called 'SEA333'"),
        (["--explain", "nothing"], "no rule is called 'nothing'"),
        (["nowhere.yml"], "no such file or folder"),
        (["/"], "the whole machine is no repository"),
        (["--fix", "--diff"], "--diff writes nothing"),
        (["--baseline", "nowhere.json"], "no such baseline"),
        (["--format", "xml"], "Invalid value"),
    ],
)
def test_what_is_asked_wrongly_ends_with_2(
    repository: Repository, words: list[str], said: str
) -> None:
    answer = repository.seatrial("lint", *words)
    assert answer.code == 2
    assert said in answer.err


def test_a_broken_configuration_ends_with_2(repository: Repository) -> None:
    repository.write("seatrial.toml", '[lint]\nignore = ["SEA999"]\n')
    answer = repository.seatrial("lint")
    assert answer.code == 2
    assert "no rule is called 'SEA999'" in answer.err
    assert "seatrial.toml:1" in answer.err


def test_from_a_folder_below_paths_are_from_there(repository: Repository) -> None:
    answer = repository.seatrial("-C", "deploy/test", "lint", "docker-compose.yml")
    assert f"{FILE}:7:17: warning SEA303" in answer.out


def test_files_of_another_repository_are_looked_at_as_its_own(
    repository: Repository, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    subprocess.run(["git", "init", "-q", other], check=True)
    (other / "compose.yml").write_text("services: {a: {image: x:1, privileged: true}}\n")
    answer = repository.seatrial("lint", "--select", "SEA303", str(other / "compose.yml"))
    assert "compose.yml:1:40: warning SEA303" in answer.out
