from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from seatrial.discover.doctor import Examination, Finding, State, Subject, examine
from seatrial.host.processes import Processes


class Machine:
    """A folder that is the whole PATH, with programs that say what they are told to say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, program: str, script: str) -> None:
        path = self.folder / program
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def has_docker(self, *, server: str = "28.5.1", compose: str = "2.40.3") -> None:
        self.has(
            "docker",
            f"""case "$*" in
                "version --format"*) echo "{server}" ;;
                "compose version --short") echo "{compose}" ;;
                "buildx version") echo "github.com/docker/buildx v0.29.1 abcdef" ;;
                --version) echo "Docker version 28.2.2, build e6534b4" ;;
            esac""",
        )

    def examined(self) -> Examination:
        return asyncio.run(examine(Processes({"PATH": str(self.folder)}), self.folder))

    def finding(self, subject: Subject) -> Finding:
        return next(f for f in self.examined().findings if f.subject is subject)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_every_subject_is_told_once_and_in_order(machine: Machine) -> None:
    assert [f.subject for f in machine.examined().findings] == list(Subject)


@pytest.mark.parametrize(
    ("subject", "program", "says", "found"),
    [
        (Subject.GIT, "git", "git version 2.39.5 (Apple Git-154)", "2.39.5"),
        (Subject.UV, "uv", "uv 0.13.9 (x86_64-unknown-linux-gnu)", "0.13.9"),
        (Subject.NODE, "node", "v20.20.2", "20.20.2"),
        (Subject.NPM, "npm", "11.19.1", "11.19.1"),
        (Subject.GO, "go", "go version go1.25.3 linux/amd64", "1.25.3"),
        (Subject.CARGO, "cargo", "cargo 1.95.0 (abc 2026-01-01)", "1.95.0"),
        (Subject.VALKEY, "redis-server", "Redis server v=7.0.15 sha=0:0", "7.0.15"),
    ],
)
def test_a_program_tells_its_version(
    machine: Machine, subject: Subject, program: str, says: str, found: str
) -> None:
    machine.has(program, f"echo '{says}'")
    finding = machine.finding(subject)
    assert (finding.state, finding.found) == (State.GOOD, found)
    assert finding.detail == str(machine.folder / program)


def test_what_is_not_on_the_path_is_missing(machine: Machine) -> None:
    for subject in (Subject.GIT, Subject.GO, Subject.DOCKER, Subject.ENGINE, Subject.COMPOSE):
        assert machine.finding(subject).state is State.MISSING


def test_a_program_that_fails_is_missing(machine: Machine) -> None:
    machine.has("node", "echo v20; exit 3")
    assert machine.finding(Subject.NODE).state is State.MISSING


def test_docker_is_good_where_engine_and_compose_answer(machine: Machine) -> None:
    machine.has_docker()
    examined = machine.examined()
    assert "docker" in examined.runtimes
    assert {examined.state(s) for s in (Subject.ENGINE, Subject.COMPOSE, Subject.BUILDX)} == {
        State.GOOD
    }


def test_an_old_engine_serves_with_a_drawback(machine: Machine) -> None:
    machine.has_docker(server="24.0.9")
    examined = machine.examined()
    assert examined.state(Subject.ENGINE) is State.WEAK
    assert "docker" in examined.runtimes


@pytest.mark.parametrize(
    ("compose", "serves"), [("2.25.9", False), ("v2.26.0", True), ("5.0", True)]
)
def test_compose_must_be_new_enough(machine: Machine, compose: str, serves: bool) -> None:
    machine.has_docker(compose=compose)
    assert ("docker" in machine.examined().runtimes) is serves


def test_an_engine_that_does_not_answer_is_told_in_its_own_words(machine: Machine) -> None:
    machine.has("docker", "echo 'Cannot connect to unix:///x.sock' >&2; exit 1")
    finding = machine.finding(Subject.ENGINE)
    assert (finding.state, finding.detail) == (State.MISSING, "Cannot connect to unix:///x.sock")


@pytest.mark.parametrize(
    ("there", "runtimes", "code"),
    [
        ((), (), 3),
        ((Subject.DOCKER, Subject.ENGINE), (), 3),
        ((Subject.ENGINE, Subject.COMPOSE), ("docker",), 0),
        ((Subject.LOOPBACK,), (), 3),
        ((Subject.LOOPBACK, Subject.VALKEY), ("process",), 0),
        ((Subject.POSTGRES, Subject.VALKEY), (), 3),
        (
            (Subject.ENGINE, Subject.COMPOSE, Subject.LOOPBACK, Subject.POSTGRES),
            ("docker", "process"),
            0,
        ),
    ],
)
def test_the_exit_code_is_3_where_neither_runtime_can_be_had(
    there: tuple[Subject, ...], runtimes: tuple[str, ...], code: int
) -> None:
    examined = Examination(tuple(Finding(s, State.GOOD) for s in there))
    assert (examined.runtimes, examined.exit_code) == (runtimes, code)
