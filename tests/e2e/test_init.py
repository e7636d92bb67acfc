"""Putting tests around repositories of all shapes, as a person does it."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.program import PROJECTS, Repository, copy_of, forget_images

SHAPES = sorted(path.name for path in (PROJECTS / "adopt").iterdir())
RUNTIMES = ["process", pytest.param("docker", marks=pytest.mark.engine)]


@pytest.fixture
def shape(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Repository]:
    name = getattr(request, "param", "that-runs")
    repository = copy_of(f"adopt/{name}", tmp_path)
    yield repository
    forget_images(repository)


def files(repository: Repository) -> set[str]:
    root = repository.root
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return {str(path) for path in found if path.parts[0] not in (".git", ".seatrial")}


def test_a_dry_run_shows_all_and_writes_nothing(shape: Repository) -> None:
    before = files(shape)
    said = shape.seatrial("init", "--dry-run", "--verbose")
    assert said.code == 0, said.all
    assert "no container_name api: a fixed name would clash between runs" in said.out
    assert "| [services.api]" in said.out
    assert files(shape) == before


def test_without_anybody_to_ask_it_shows_and_writes_nothing(shape: Repository) -> None:
    before = files(shape)
    said = shape.seatrial("init")
    assert said.code == 2
    assert "seatrial.toml  because" in said.out
    assert "--yes" in said.err
    assert files(shape) == before


@pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("n\n", False)])
def test_a_person_is_asked(shape: Repository, answer: str, written: bool) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "seatrial.cli.main", "init"],
        cwd=shape.root,
        env=shape.environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while b"[Y/n]" not in said:
        said += os.read(ours, 4096)
    os.write(ours, answer.encode())
    while True:
        try:
            if not (more := os.read(ours, 4096)):
                break
        except OSError:
            break
        said += more
    os.close(ours)
    assert (process.wait(timeout=20) == 0) is written, said.decode()
    assert (shape.root / "seatrial.toml").exists() is written


@pytest.mark.parametrize("shape", SHAPES, indirect=True)
def test_what_it_wrote_is_understood_by_a_run(shape: Repository) -> None:
    said = shape.seatrial("init", "--yes")
    assert said.code == 0, said.all
    plan = shape.seatrial("test", "--dry-run")
    untested = "no tests were found" in said.out
    assert plan.code == (5 if untested else 0), plan.all
    again = shape.seatrial("init")
    assert (again.code, "nothing is missing" in again.out) == (0, True)


@pytest.mark.engine
@pytest.mark.parametrize("shape", SHAPES, indirect=True)
def test_compose_itself_reads_the_derived_files(shape: Repository) -> None:
    shape.seatrial("init", "--yes")
    made = sorted(shape.root.rglob("deploy/test/docker-compose.yml"))
    assert made
    for file in made:
        words = ["docker", "compose", "-f", str(file), "config", "--quiet"]
        answer = subprocess.run(words, capture_output=True, text=True, check=False)
        assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.local
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_its_tests_run_as_they_were_adopted(shape: Repository, runtime: str) -> None:
    shape.seatrial("init", "--yes")
    said = shape.seatrial("test", "--runtime", runtime, "--output", "json")
    assert said.code == 0, said.all
    assert said.passed() == {"unit:api": 1, "service:api": 2}
    assert shape.traces() == []


def test_a_broken_compose_file_is_one_clear_error(shape: Repository) -> None:
    shape.write("compose.yml", "services:\n  api:\n    build: [\n")
    said = shape.seatrial("init", "--yes")
    assert said.code == 2
    assert "error: broken YAML" in said.err
    assert "compose.yml:4\n" in said.err
    assert not (shape.root / "seatrial.toml").exists()


def test_an_empty_folder_leads_to_new(shape: Repository) -> None:
    for path in shape.root.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    said = shape.seatrial("init", "--yes")
    assert said.code == 2
    assert "seatrial new" in said.err
