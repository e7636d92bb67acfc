"""What was recorded, to be looked at again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from seatrial.errors import UsageError
from seatrial.history.log import Recording, is_live, log_of, logs
from seatrial.history.model import RUNNING, PastRun, PastSuite
from seatrial.history.store import Answer, Store, use
from seatrial.history.upkeep import catch_up, rows_of

LAST = "last"
_CATCH_UP = 10.0


def past_runs(folder: Path, number: int) -> Answer[list[PastRun]]:
    """Return the last ``number`` runs of a worktree, the newest first, those that still run first.

    Raises ``EnvironmentFailure`` where the store cannot be had.
    """

    def read(store: Store) -> list[PastRun]:
        catch_up(store, folder, _CATCH_UP)
        return store.runs(number)

    answer = use(folder, read)
    ended = {run.id for run in answer.value}
    running = [run for run in _running(folder) if run.id not in ended]
    return Answer([*running, *answer.value][:number], answer.moved)


def past_suites(folder: Path, upto: str, number: int) -> Answer[list[PastSuite]]:
    """Return the last ``number`` times that each suite was started, up to the run ``upto``.

    In the order of the runs, the oldest first. Raises ``EnvironmentFailure`` where the store cannot
    be had.
    """

    def read(store: Store) -> list[PastSuite]:
        catch_up(store, folder, _CATCH_UP)
        return store.suites(upto, number)

    return use(folder, read)


def recorded(folder: Path, run: str) -> Recording:
    """Return the recording of ``run``: an id, the unique beginning or end of one, or ``last``.

    It takes the logs alone, so that it works where the database does not. Raises ``UsageError``.
    """
    ids = [path.stem for path in logs(folder)]
    if not ids:
        raise UsageError("no run is recorded here", mend="`seatrial test` records each of its runs")
    if run == LAST:
        return Recording(log_of(folder, ids[0]))
    found = [one for one in ids if one == run] or [
        one for one in ids if one.startswith(run) or one.endswith(run)
    ]
    if len(found) == 1:
        return Recording(log_of(folder, found[0]))
    if found:
        raise UsageError(
            f"{len(found)} runs are called like {run!r}",
            mend="give more of the id",
            detail=tuple(found[:10]),
        )
    raise UsageError(
        f"no run is called {run!r}", mend="`seatrial report` lists the runs that are kept"
    )


def _running(folder: Path) -> list[PastRun]:
    runs = []
    for path in logs(folder):
        with suppress(OSError):
            if is_live(path) and (run := rows_of(Recording(path)).run()):
                runs.append(replace(run, verdict=RUNNING))
    return runs
