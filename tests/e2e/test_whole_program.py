"""The program as a user meets it: runs, signals, kept environments, several at once."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.events import from_json
from seatrial.host.ledger import entries
from seatrial.host.system import marked_processes
from tests.support.program import Repository, Started, copy_of, forget_images, until

RUNTIMES = ["process", pytest.param("docker", marks=pytest.mark.engine)]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Repository]:
    repository = copy_of("pair", tmp_path)
    yield repository
    if repository.ledgers:
        repository.seatrial("gc", "--kept")
    forget_images(repository)


def on_engine(run: str) -> str:
    """Return the ids of what a run has on the engine, whatever its kind."""
    label = f"label=dev.seatrial.run={run}"
    asked = (["ps", "-aq"], ["network", "ls", "-q"], ["volume", "ls", "-q"])
    answers = [
        subprocess.run(
            ["docker", *words, "--filter", label], capture_output=True, text=True, check=True
        )
        for words in asked
    ]
    return "".join(answer.stdout for answer in answers)


def nothing_left(repository: Repository, runtime: str, run: str) -> None:
    until(lambda: repository.traces() == [], f"{repository.traces()} gone")
    until(lambda: marked_processes(f"SEATRIAL_RUN={run}") == [], "all processes gone")
    if runtime == "docker":
        until(lambda: on_engine(run) == "", "all gone from the engine")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_three_green_stages_come_out_as_the_repository_declares(
    pair: Repository, runtime: str
) -> None:
    said = pair.seatrial("test", "--runtime", runtime, "--output", "json")
    assert said.code == pair.expected()["exit_code"], said.all
    assert said.passed() == pair.expected()["passed"]
    for line in said.out.splitlines():
        from_json(line)
    (started,) = said.events("RunStarted")
    nothing_left(pair, runtime, started["run"])


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGINT, 130),
        (signal.SIGTERM, 143),
        (signal.SIGHUP, 143),
    ],
    ids=["ctrl-c", "term", "hangup"],
)
def test_a_signal_ends_the_run_with_a_report_and_leaves_nothing(
    pair: Repository, runtime: str, number: signal.Signals, code: int
) -> None:
    pair.write("services/web/tests/integration/test_hang.py", HANGS)
    with pair.started("test", "--runtime", runtime, "--output", "plain", "-v") as run:
        hangs(pair, run)
        made = folders_of(pair)
        began = time.monotonic()
        run.signal(number)
        assert run.ended() == code
        assert time.monotonic() - began < 7
        assert [line for line in run.text().splitlines() if line.startswith("service ")] != []
        assert "4 tests in 2 suites" in run.text()
        nothing_left(pair, runtime, run.run)
        assert [folder for folder in made if folder.exists()] == []


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_second_ctrl_c_ends_every_process_within_a_second(pair: Repository, runtime: str) -> None:
    """A test that will not go holds the first one up, so that the second has work to do."""
    pair.write("services/web/tests/integration/test_hang.py", STUBBORN)
    with pair.started("test", "--runtime", runtime, "--output", "plain", "-v") as run:
        hangs(pair, run)
        run.signal(signal.SIGINT)
        run.says("once more to stop at once")
        began = time.monotonic()
        run.signal(signal.SIGINT)
        assert run.ended() == 130
        until(lambda: marked_processes(f"SEATRIAL_RUN={run.run}") == [], "all processes gone")
        assert time.monotonic() - began < 1
        nothing_left(pair, runtime, run.run)


HANGS = """
import os
import time
from pathlib import Path


def test_hangs() -> None:
    Path("hangs-" + os.environ["SEATRIAL_RUN"]).touch()
    time.sleep(1000)
"""


STUBBORN = """
import os
import signal
import time
from pathlib import Path


def test_will_not_go() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    Path("hangs-" + os.environ["SEATRIAL_RUN"]).touch()
    time.sleep(1000)
"""


def folders_of(repository: Repository) -> list[Path]:
    """Return the folders that the live runs have written down as theirs."""
    listed = (entry for ledger in repository.ledgers for entry in entries(ledger))
    return [Path(entry.key) for entry in listed if entry.kind == "folder"]


def hangs(repository: Repository, run: Started) -> None:
    """Wait until the run's hanging test is under way."""
    run.says(", run ")
    until((repository.root / "services/web" / f"hangs-{run.run}").exists, "the hanging test")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_after_kill_9_gc_removes_what_that_run_made_and_nothing_of_a_live_one(
    pair: Repository, runtime: str
) -> None:
    pair.write("services/web/tests/integration/test_hang.py", HANGS)
    words = ("test", "--runtime", runtime, "--output", "plain", "-v", "--stage", "service")
    with pair.started(*words) as dead, pair.started(*words) as alive:
        hangs(pair, dead)
        hangs(pair, alive)
        dead.signal(signal.SIGKILL)
        dead.ended()
        assert len(pair.ledgers) == 2
        assert pair.seatrial("gc").code == 0
        until(lambda: marked_processes(f"SEATRIAL_RUN={dead.run}") == [], "the dead run's gone")
        assert [path.stem for path in pair.ledgers] == [alive.run]
        assert marked_processes(f"SEATRIAL_RUN={alive.run}") != []
        if runtime == "docker":
            assert on_engine(dead.run) == ""
            assert on_engine(alive.run) != ""
        alive.signal(signal.SIGINT)
        assert alive.ended() == 130
        nothing_left(pair, runtime, alive.run)


MOMENTS = ["sync", "build", "boot", "tests", "remove"]


def comes_to(run: Started, moment: str) -> None:
    """Wait until a run that prints json has come to a moment of its life."""
    run.says('"event":"TestStarted"' if moment == "tests" else f'"phase":"{moment}"')


@pytest.mark.parametrize(
    ("runtime", "moment"),
    [
        *(("process", moment) for moment in MOMENTS if moment != "build"),
        *(
            pytest.param("docker", moment, marks=pytest.mark.engine)
            for moment in MOMENTS
            if moment != "sync"
        ),
    ],
)
def test_kill_9_at_any_moment_leaves_nothing_that_gc_does_not_find(
    pair: Repository, runtime: str, moment: str
) -> None:
    with pair.started("test", "--runtime", runtime, "--output", "json") as run:
        comes_to(run, moment)
        made = folders_of(pair)
        run.signal(signal.SIGKILL)
        run.ended()
        first = json.loads(run.text().splitlines()[0])
    assert pair.seatrial("gc").code == 0
    nothing_left(pair, runtime, first["run"])
    assert [folder for folder in made if folder.exists()] == []
    again = pair.seatrial("test", "--runtime", runtime, "--output", "json")
    assert again.passed() == pair.expected()["passed"], again.all


def test_the_next_run_cleans_up_after_a_killed_one_and_says_so(pair: Repository) -> None:
    hang = pair.write("services/web/tests/integration/test_hang.py", HANGS)
    words = ("test", "--runtime", "process", "--output", "plain", "--stage", "service")
    with pair.started(*words, "-v") as dead:
        hangs(pair, dead)
        dead.signal(signal.SIGKILL)
        dead.ended()
        hang.unlink()
        said = pair.seatrial(*words)
        assert said.code == 0, said.all
        assert dead.run in said.err
        nothing_left(pair, "process", dead.run)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_runs_at_once_in_one_worktree_and_in_another_do_not_meet(
    pair: Repository, tmp_path: Path, runtime: str
) -> None:
    """Ten as processes, three as containers (each has four): the whole stack starts at one."""
    other = copy_of("pair", tmp_path / "other")
    many = 5 if runtime == "process" else 2
    runs = [
        repository.started("test", "--runtime", runtime, "--output", "json")
        for repository in [pair] * many + [other] * (many if runtime == "process" else 1)
    ]
    live = [run.__enter__() for run in runs]
    try:
        assert [run.ended() for run in live] == [0] * len(live), [run.text()[-800:] for run in live]
    finally:
        for run in runs:
            run.__exit__(None, None, None)
    assert pair.traces() == []
    assert other.traces() == []


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_kept_environment_can_be_used_and_goes_when_it_is_told_to(
    pair: Repository, runtime: str
) -> None:
    words = ("test", "web", "--stage", "service", "--runtime", runtime, "--output", "plain")
    for _ in range(2):
        kept = pair.seatrial(*words, "--keep")
        assert kept.code == 0, kept.all
    beside = pair.seatrial(*words)
    assert beside.code == 0, beside.all
    exports = pair.seatrial("env")
    assert exports.out.count("export TEST_") >= 7
    script = f'{exports.out}\nexec "$0" -c "$1" "$TEST_API_URL/health"'
    fetch = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read())"
    answer = subprocess.run(
        ["sh", "-c", script, shutil.which("python3") or "python3", fetch],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stdout == "b'ok'\n", answer.stderr
    assert pair.seatrial("gc").code == 0
    assert pair.seatrial("env").code == 0
    assert pair.seatrial("gc", "--kept").code == 0
    assert pair.seatrial("env").code == 2
    assert pair.traces() == []


def test_a_failure_is_shown_with_the_command_that_runs_it_alone(pair: Repository) -> None:
    pair.write("services/web/tests/unit/test_bad.py", "def test_bad():\n    assert 1 == 2\n")
    said = pair.seatrial("test", "--runtime", "process", "--output", "agent")
    assert said.code == 1
    assert "services/web" not in said.all.partition("again:")[2].split("\n")[0]
    alone = said.out.partition("again: seatrial ")[2].split("\n")[0].split()
    again = pair.seatrial(alone[0], "--output", "json", *alone[1:])
    assert [e["result"]["id"] for e in again.events("TestFinished")] == [
        "tests/unit/test_bad.py::test_bad"
    ]
    assert "service" in said.out


def test_an_agent_reads_at_most_twelve_lines_of_a_good_run(pair: Repository) -> None:
    pair.variables = {"AI_AGENT": "1"}
    said = pair.seatrial("test", "--runtime", "process")
    assert said.code == 0, said.all
    assert len(said.all.splitlines()) <= 12


def test_a_junit_report_holds_every_test(pair: Repository, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    said = pair.seatrial("test", "--runtime", "process", "--junit", str(report))
    assert said.code == 0, said.all
    cases = ET.parse(report).getroot().findall(".//testcase")
    assert len(cases) == sum(pair.expected()["passed"].values())


def test_keyword_selection_and_words_for_the_runner_reach_it(pair: Repository) -> None:
    said = pair.seatrial("test", "--stage", "unit", "-k", "1", "--output", "json")
    assert said.passed() == {"unit:web": 1}
    target = "tests/unit/test_greeting.py::test_the_greeting_counts[2]"
    said = pair.seatrial("test", "web", "--stage", "unit", "--output", "json", "--", target)
    assert said.passed() == {"unit:web": 1}


def test_a_given_instance_id_becomes_the_beginning_of_every_name(pair: Repository) -> None:
    pair.variables = {"TEST_INSTANCE_ID": "nightly"}
    said = pair.seatrial("test", "--dry-run", "--runtime", "process")
    instances = [line.split()[-1] for line in said.out.splitlines() if " instance " in line]
    assert len(set(instances)) == 2
    assert all(name.startswith("nightly-") for name in instances)


def test_a_reader_that_leaves_early_does_no_harm(pair: Repository) -> None:
    pair.seatrial("test", "--stage", "unit")
    command = "seatrial test --runtime process --output plain | head -n 1; exit $?"
    answer = subprocess.run(
        ["sh", "-c", command], cwd=pair.root, env=pair.environment, capture_output=True, check=True
    )
    assert b"Traceback" not in answer.stderr
    until(lambda: pair.traces() == [], "all gone")
