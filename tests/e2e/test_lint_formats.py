"""What lint prints, for each of its readers, and how pre-commit calls it: the real programs."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import jsonschema
import pytest
from ruamel.yaml import YAML

from seatrial.lint.kinds import kind_of
from tests.support.program import Repository
from tests.support.sarif import sarif_schema

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = "deploy/test/docker-compose.yml"
TEXT = """\
name: shop-test-${TEST_INSTANCE_ID:-local}
services:
  api:
    image: example/api:1.4.2
    init: true
    ports:
      - "8000:8000"  # where it is reached
    healthcheck:
      test: ["CMD", "true-or-not"]
      interval: 5s
      start_period: 60s
      start_interval: 250ms
"""
CODE = "SEA101"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    (tmp_path / "home").mkdir()
    made = Repository(tmp_path / "repo", tmp_path / "home", {"AI_AGENT": ""})
    made.write(COMPOSE, TEXT)
    _git(made.root, "init", "-q", "-b", "main")
    return made


def _git(root: Path, *words: str) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True)


def _lint(repository: Repository, *words: str, code: int = 1) -> str:
    said = repository.seatrial("lint", "--select", CODE, *words)
    assert (said.code, said.err) == (code, ""), said.all
    return said.out


def test_a_person_sees_the_line_and_a_caret_below_the_port(repository: Repository) -> None:
    lines = _lint(repository).splitlines()
    at = next(number for number, line in enumerate(lines) if '"8000:8000"' in line)
    source, caret = lines[at], lines[at + 1]
    assert source[caret.index("^") : caret.rindex("^") + 1].strip('"') == "8000:8000"
    assert any(line.startswith(f"{COMPOSE}:7:") for line in lines)
    assert lines[-1] == "1 error in 1 of 1 file; 1 fixable with --fix"
    assert "\x1b" not in "".join(lines)


def test_an_agent_reads_three_lines(repository: Repository) -> None:
    repository.variables["AI_AGENT"] = "1"
    lines = _lint(repository).splitlines()
    assert len(lines) == 3
    assert lines[0].startswith(f"{COMPOSE}:7:")


def test_json_is_one_document_with_relative_paths(repository: Repository) -> None:
    document = json.loads(_lint(repository, "--format", "json"))
    assert document["v"] == 1
    assert [(f["file"], f["line"], f["code"]) for f in document["findings"]] == [(COMPOSE, 7, CODE)]
    assert str(repository.root) not in json.dumps(document)


def test_sarif_keeps_to_the_published_schema(repository: Repository) -> None:
    log: dict[str, Any] = json.loads(_lint(repository, "--format", "sarif"))
    jsonschema.validate(log, sarif_schema())
    (result,) = log["runs"][0]["results"]
    assert result["ruleId"] == CODE
    assert result["fixes"]
    assert str(repository.root) not in json.dumps(log)


def test_a_fingerprint_of_sarif_outlives_a_moved_line(repository: Repository) -> None:
    def fingerprint() -> dict[str, str]:
        log = json.loads(_lint(repository, "--format", "sarif"))
        found: dict[str, str] = log["runs"][0]["results"][0]["partialFingerprints"]
        return found

    before = fingerprint()
    repository.write(COMPOSE, f"# Ports are free ones.\n\n{TEXT}")
    assert fingerprint() == before


def test_github_gets_an_annotation_at_the_line(repository: Repository) -> None:
    first = _lint(repository, "--format", "github").splitlines()[0]
    assert re.match(rf"::error file={re.escape(COMPOSE)},line=7,.*title={CODE} ", first)


def test_junit_is_a_failed_case_of_the_file(repository: Repository) -> None:
    root = Xml.fromstring(_lint(repository, "--format", "junit"))
    assert (root.get("tests"), root.get("failures")) == ("1", "1")
    case = next(root.iter("testcase"))
    assert case.get("classname") == COMPOSE


@pytest.mark.parametrize("shape", ["text", "agent", "json", "sarif", "github", "junit"])
def test_nothing_found_ends_with_0_in_every_format(repository: Repository, shape: str) -> None:
    repository.write(COMPOSE, TEXT.replace("8000:8000", "8000"))
    assert _lint(repository, "--format", shape, code=0)


def test_git_takes_what_diff_prints_and_then_nothing_is_found(repository: Repository) -> None:
    patch = _lint(repository, "--diff")
    git = ["git", "apply", "-"]
    subprocess.run(git, cwd=repository.root, input=patch, text=True, check=True)
    _lint(repository, code=0)
    assert "# where it is reached" in (repository.root / COMPOSE).read_text()


def test_a_rule_explains_itself(repository: Repository) -> None:
    said = repository.seatrial("lint", "--explain", CODE)
    assert said.code == 0
    assert said.out.startswith(CODE)
    assert "Why" in said.out.splitlines()


def _hooks() -> dict[str, dict[str, Any]]:
    listed = YAML(typ="safe", pure=True).load(ROOT / ".pre-commit-hooks.yaml")
    return {hook["id"]: hook for hook in listed}


def test_pre_commit_takes_the_manifest() -> None:
    words = ["pre-commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")]
    answer = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout + answer.stderr) == (0, "")


@pytest.mark.parametrize(
    "path",
    [
        "compose.yaml",
        "docker-compose.override.yml",
        "deploy/prod/docker-compose.yml",
        "services/api/Dockerfile",
        "Dockerfile.dev",
        "api.dockerfile",
        ".github/workflows/ci.yml",
        "Makefile",
        "deploy/dev/.env.example",
        "scripts/ci/test.sh",
    ],
)
def test_the_hooks_look_at_every_kind_of_file_that_lint_knows(path: str) -> None:
    assert kind_of(path) is not None
    for hook in _hooks().values():
        assert re.search(hook["files"], path)
        assert re.search(hook["files"], "services/api/tests/unit/test_api.py")
        assert not re.search(hook["files"], "services/api/api/environment.py")


def _pre_commit(repository: Repository, hook: str) -> subprocess.CompletedProcess[str]:
    """Run a hook of the manifest, but on the seatrial that is here instead of an installed one."""
    local = {**_hooks()[hook], "language": "system"}
    repository.write(
        ".pre-commit-config.yaml", json.dumps({"repos": [{"repo": "local", "hooks": [local]}]})
    )
    _git(repository.root, "add", "-A")
    environment = {**repository.environment, "PRE_COMMIT_HOME": str(repository.home / "store")}
    return subprocess.run(
        ["pre-commit", "run", hook, "--all-files"],
        cwd=repository.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_commit_with_a_finding_is_held_and_a_mended_one_passes(repository: Repository) -> None:
    repository.write("seatrial.toml", f'[lint]\nselect = ["{CODE}"]\n')
    held = _pre_commit(repository, "seatrial-lint")
    assert held.returncode == 1
    assert f"{COMPOSE}:7:" in held.stdout
    mended = _pre_commit(repository, "seatrial-lint-fix")
    assert mended.returncode == 1
    assert "files were modified by this hook" in mended.stdout
    assert _pre_commit(repository, "seatrial-lint").returncode == 0
