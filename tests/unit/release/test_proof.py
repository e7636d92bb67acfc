"""What counts as tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial import events
from seatrial.errors import UsageError
from seatrial.history.log import Log, log_of
from seatrial.model.project import Stage
from seatrial.model.result import Counts, SuiteResult, Verdict
from seatrial.release.proof import Proof, evidence, prove

FILES = "f" * 64
UNIT, SERVICE = "unit:api", "service:api"
COMMIT = "c" * 40


def run(
    folder: Path, name: str, inputs: str = FILES, selection: str = "", **verdicts: Verdict
) -> None:
    """Record a run; ``verdicts`` are those of the suites, by their stage."""
    suites = tuple(
        events.PlannedSuite(f"{stage}:api", Stage(stage), "api", "pytest", selection=selection)
        for stage in verdicts
    )
    log = Log(log_of(folder, name))
    log.append(
        [
            events.RunStarted(0.0, name, "p", "/r", "1", 0.0, 1, suites),
            *([events.InputsKnown(0.1, inputs)] if inputs else []),
            *(
                events.SuiteFinished(1.0, SuiteResult(f"{stage}:api", verdict, 1.0, Counts(1)))
                for stage, verdict in verdicts.items()
            ),
        ]
    )
    log.close()


def test_runs_that_passed_all_suites_together_are_a_proof(tmp_path: Path) -> None:
    run(tmp_path, "1", unit=Verdict.PASSED)
    run(tmp_path, "2", service=Verdict.PASSED)
    proof = prove(evidence(tmp_path, FILES), (UNIT, SERVICE), COMMIT)
    assert proof == Proof("runs", runs=("2", "1"))


def test_the_newest_verdict_of_a_suite_counts(tmp_path: Path) -> None:
    run(tmp_path, "1", unit=Verdict.FAILED)
    run(tmp_path, "2", unit=Verdict.PASSED)
    assert prove(evidence(tmp_path, FILES), (UNIT,), COMMIT).by == "runs"
    run(tmp_path, "3", unit=Verdict.FAILED)
    with pytest.raises(UsageError, match="untested: unit:api failed on it"):
        prove(evidence(tmp_path, FILES), (UNIT,), COMMIT)


@pytest.mark.parametrize("inputs", ["0" * 64, ""])
def test_a_run_on_other_files_proves_nothing(tmp_path: Path, inputs: str) -> None:
    run(tmp_path, "1", inputs=inputs, unit=Verdict.PASSED)
    with pytest.raises(UsageError, match="no run on record tested it"):
        prove(evidence(tmp_path, FILES), (UNIT,), COMMIT)


def test_a_suite_of_which_some_tests_ran_proves_nothing(tmp_path: Path) -> None:
    run(tmp_path, "1", selection="-k fast", unit=Verdict.PASSED)
    with pytest.raises(UsageError, match="no run on record tested it"):
        prove(evidence(tmp_path, FILES), (UNIT,), COMMIT)


def test_a_suite_that_is_missing_is_named(tmp_path: Path) -> None:
    run(tmp_path, "1", unit=Verdict.PASSED)
    with pytest.raises(UsageError, match="no run on record passed service:api on it") as caught:
        prove(evidence(tmp_path, FILES), (UNIT, SERVICE), COMMIT)
    assert "--tested REASON" in caught.value.mend


def test_files_that_nobody_could_tell_are_untested(tmp_path: Path) -> None:
    run(tmp_path, "1", inputs="", unit=Verdict.PASSED)
    assert evidence(tmp_path, "").runs == ()


def test_a_repository_without_tests_is_untested(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no test"):
        prove(evidence(tmp_path, FILES), (), COMMIT)
