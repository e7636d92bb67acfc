from __future__ import annotations

from pathlib import Path

import pytest

from seatrial import events
from seatrial.history.log import Log, log_of, logs
from seatrial.history.store import use
from seatrial.history.upkeep import catch_up, kept, prune
from tests.unit.history.runs import a_run, record

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("sizes", "stay"),
    [
        ([], 0),
        ([1] * 200, 200),
        ([1] * 220, 220),
        ([1] * 221, 200),
        ([MIB] * 64, 64),
        ([MIB] * 65, 48),
        ([100 * MIB, 1], 1),
        ([1, 100 * MIB], 1),
    ],
)
def test_too_many_go_in_one_go_and_the_newest_stays(sizes: list[int], stay: int) -> None:
    assert kept(sizes) == stay


def verdicts(folder: Path) -> dict[str, str]:
    runs = use(folder, lambda store: store.runs(999)).value
    return {run.id: run.verdict for run in runs}


def test_a_run_that_was_killed_gets_its_rows_from_its_log(tmp_path: Path) -> None:
    record(tmp_path, a_run("20260101-a", ends=False))
    use(tmp_path, lambda store: catch_up(store, tmp_path, 5))
    assert verdicts(tmp_path) == {"20260101-a": "killed"}


def test_a_run_that_two_signals_ended_was_interrupted(tmp_path: Path) -> None:
    told = a_run("20260101-a", ends=False)
    record(tmp_path, [*told, events.RunInterrupted(1.3, "SIGINT", 2)])
    use(tmp_path, lambda store: catch_up(store, tmp_path, 5))
    assert verdicts(tmp_path) == {"20260101-a": "interrupted"}


def test_a_run_that_is_under_way_gets_no_rows_and_keeps_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(log_of(tmp_path, "20260101-a"))
    log.append(a_run("20260101-a", ends=False))
    monkeypatch.setattr("seatrial.history.upkeep._RUNS", 1)
    monkeypatch.setattr("seatrial.history.upkeep._RUNS_OVER", 0)
    record(tmp_path, a_run("20260102-a"))
    assert verdicts(tmp_path) == {"20260102-a": "failed"}
    assert [path.stem for path in logs(tmp_path)] == ["20260102-a", "20260101-a"]
    log.close()


def test_rows_and_logs_of_the_oldest_runs_go_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seatrial.history.upkeep._RUNS", 3)
    monkeypatch.setattr("seatrial.history.upkeep._RUNS_OVER", 1)
    for day in range(1, 6):
        record(tmp_path, a_run(f"2026010{day}-a", tests=day))
    stay = {"20260105-a", "20260104-a", "20260103-a"}
    assert set(verdicts(tmp_path)) == {path.stem for path in logs(tmp_path)} == stay


def test_rows_go_with_a_log_that_somebody_removed(tmp_path: Path) -> None:
    record(tmp_path, a_run("20260101-a"))
    log_of(tmp_path, "20260101-a").unlink()
    use(tmp_path, lambda store: prune(store, tmp_path))
    assert verdicts(tmp_path) == {}
