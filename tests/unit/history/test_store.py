from __future__ import annotations

import fcntl
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from seatrial import events
from seatrial.errors import EnvironmentFailure
from seatrial.events import Notice
from seatrial.history import migrations
from seatrial.history.expected import expected
from seatrial.history.log import Recording, log_of
from seatrial.history.past import past_runs, past_suites
from seatrial.history.store import FILE, use
from seatrial.history.upkeep import rows_of
from seatrial.model.expected import Expected
from seatrial.model.result import Outcome, TestResult
from tests.unit.history.runs import a_run, record

FIRST, SECOND = "20260101-000000-a", "20260102-000000-a"


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / FILE)) as connection:
        return connection.execute(query).fetchall()


def runs(folder: Path) -> list[str]:
    return [run.id for run in past_runs(folder, 999).value]


def test_a_run_is_rows_of_suites_tests_and_phases(tmp_path: Path) -> None:
    record(tmp_path, a_run(FIRST))
    assert rows(tmp_path, "SELECT suite, verdict, at, seconds, tests, bad FROM suites") == [
        ("unit:a", "failed", 0.2, 1.0, 2, 1)
    ]
    query = 'SELECT test, outcome, seconds, setup, "call", teardown FROM tests, names'
    assert rows(tmp_path, f"{query} WHERE name = number ORDER BY test") == [
        ("tests/test_a.py::test_0", "passed", 0.25, 0.1, 0.15, None),
        ("tests/test_a.py::test_1", "failed", 0.25, 0.1, 0.15, None),
    ]
    assert rows(tmp_path, "SELECT phase, subject, at, seconds, ok FROM phases") == [
        ("sync", "services/a", 0.2, 0.2, 1)
    ]


def test_a_run_keeps_its_inputs_and_a_suite_what_narrowed_it(tmp_path: Path) -> None:
    first, *rest = a_run(FIRST)
    assert isinstance(first, events.RunStarted)
    (plan,) = first.suites
    narrowed = replace(first, suites=(replace(plan, selection="-k smoke"),))
    record(tmp_path, [narrowed, events.InputsKnown(0.1, "c0ffee"), *rest])
    assert rows(tmp_path, "SELECT selection FROM suites") == [("-k smoke",)]
    assert [run.inputs for run in past_runs(tmp_path, 9).value] == ["c0ffee"]


def test_a_run_is_listed_with_its_flaky_tests(tmp_path: Path) -> None:
    first, *rest = a_run(FIRST)
    odd = events.TestFinished(0.3, "unit:a", TestResult("odd", Outcome.PASSED, attempts=2))
    record(tmp_path, [first, odd, *rest])
    assert [run.flaky for run in past_runs(tmp_path, 9).value] == [1]


def test_a_suite_is_told_over_its_last_runs_up_to_one(tmp_path: Path) -> None:
    third = "20260103-000000-a"
    for run in (FIRST, SECOND, third):
        record(tmp_path, a_run(run))

    def told(upto: str, number: int) -> list[str]:
        return [past.run for past in past_suites(tmp_path, upto, number).value]

    assert told(third, 9) == [FIRST, SECOND, third]
    assert told(third, 2) == [SECOND, third]
    assert told(SECOND, 9) == [FIRST, SECOND]
    (past,) = past_suites(tmp_path, FIRST, 9).value
    assert (past.suite, past.verdict, past.seconds) == ("unit:a", "failed", 1.0)
    assert (past.tests, past.bad, past.started) == (2, 1, 1.7e9)


def test_the_database_is_in_wal_mode_and_for_this_user_alone(tmp_path: Path) -> None:
    record(tmp_path, a_run(FIRST))
    assert rows(tmp_path, "PRAGMA journal_mode") == [("wal",)]
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def garbage(path: Path) -> None:
    path.write_bytes(b"no database at all\n" * 500)


def overwritten(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * len(content[4096:])
    path.write_bytes(content)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def without_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE tests")


def no_text_in_the_schema(path: Path) -> None:
    content = path.read_bytes()
    assert content.count(b"CREATE TABLE runs") == 1
    path.write_bytes(content.replace(b"CREATE TABLE runs", b"CREATE TABLE \xff\xfe\xfds"))


def no_text_in_a_row(path: Path) -> None:
    content = path.read_bytes()
    assert b"a" * 40 in content
    path.write_bytes(content.replace(b"a" * 40, b"\xff" * 40))


def other_types(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET passed = x'00ff', started = 'soon'")


@pytest.mark.parametrize(
    "spoil",
    [garbage, overwritten, cut, without_tables, no_text_in_the_schema],
)
def test_a_spoilt_database_is_moved_aside_and_made_again_from_the_logs(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    record(tmp_path, a_run(FIRST))
    spoil(tmp_path / FILE)
    heard = record(tmp_path, a_run(SECOND))
    assert [notice.notice for notice in heard.notices] == [Notice.HISTORY_SPOILT]
    assert (tmp_path / f"{FILE}.corrupt-1").exists()
    assert runs(tmp_path) == [SECOND, FIRST]
    assert rows(tmp_path, "SELECT count(*) FROM tests") == [(4,)]


@pytest.mark.parametrize("spoil", [no_text_in_a_row, other_types])
def test_a_row_that_cannot_be_read_is_made_again_when_it_is_asked_for(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    record(tmp_path, a_run(FIRST))
    before = past_runs(tmp_path, 9)
    spoil(tmp_path / FILE)
    after = past_runs(tmp_path, 9)
    assert after.value == before.value
    assert after.moved == tmp_path / f"{FILE}.corrupt-1"


def test_half_a_character_in_a_name_is_no_obstacle(tmp_path: Path) -> None:
    told = a_run(FIRST)
    test = TestResult("test_a.py::test_na\udcefve", Outcome.PASSED)
    told.insert(4, events.TestFinished(0.3, "unit:a", test))
    assert record(tmp_path, told).notices == []
    (name,) = rows(tmp_path, "SELECT test FROM names WHERE test LIKE '%na%'")
    assert name == ("test_a.py::test_na\\udcefve",)


def test_spoilt_databases_do_not_pile_up(tmp_path: Path) -> None:
    for number in range(5):
        garbage(tmp_path / FILE)
        record(tmp_path, a_run(f"2026010{number}-a"))
    aside = sorted(path.name for path in tmp_path.glob("*corrupt*"))
    assert aside == [f"{FILE}.corrupt-{number}" for number in (1, 2, 3)]
    assert len(runs(tmp_path)) == 5


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    record(tmp_path, a_run(FIRST))
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = rows(tmp_path, "SELECT * FROM runs")
    heard = record(tmp_path, a_run(SECOND))
    assert [(notice.notice, notice.detail) for notice in heard.notices] == [
        (Notice.HISTORY_NEWER, "99")
    ]
    assert rows(tmp_path, "SELECT * FROM runs") == before
    with pytest.raises(migrations.NewerHistory, match="version 99"):
        past_runs(tmp_path, 9)


def test_a_later_migration_keeps_what_is_there() -> None:
    more = (*migrations.MIGRATIONS, ("ALTER TABLE runs ADD COLUMN mood TEXT DEFAULT 'calm'",))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrations.migrate(connection)
        connection.execute("INSERT INTO names VALUES (1, 'unit:a', 'test_a')")
        migrations.migrate(connection, more)
        assert connection.execute("SELECT test FROM names").fetchall() == [("test_a",)]
        assert connection.execute("SELECT mood FROM runs").fetchall() == []
        assert connection.execute("PRAGMA user_version").fetchone() == (len(more),)


def test_a_migration_that_fails_changes_nothing() -> None:
    broken = (*migrations.MIGRATIONS, ("DROP TABLE phases", "NO SQL AT ALL"))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrations.migrate(connection)
        with pytest.raises(sqlite3.OperationalError):
            migrations.migrate(connection, broken)
        assert connection.execute("SELECT count(*) FROM phases").fetchone() == (0,)
        assert connection.execute("PRAGMA user_version").fetchone() == (len(broken) - 1,)


def of_the_first_version(folder: Path) -> None:
    """Leave a database as the first version of the tables had it, with one run."""
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as connection:
        migrations.migrate(connection, migrations.MIGRATIONS[:1])
        run = (1, FIRST, 1.7e9, 2.0, "passed", 0, "0.1.0", "main", "a" * 40, "docker", "unit", 1)
        marks = ", ".join("?" * (len(run) + 6))
        connection.execute(f"INSERT INTO runs VALUES ({marks})", (*run, *(0,) * 6))
        suite = (1, "unit:a", "unit", "", "passed", 0.0, 2.0, 1, 0)
        connection.execute("INSERT INTO suites VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", suite)


def test_what_the_first_version_wrote_is_read_and_added_to(tmp_path: Path) -> None:
    of_the_first_version(tmp_path)
    assert expected(tmp_path) == Expected()
    (past,) = use(tmp_path, lambda store: store.runs(9)).value
    assert (past.id, past.verdict, past.inputs) == (FIRST, "passed", "")
    assert expected(tmp_path).suites == {"unit:a": 2.0}
    use(tmp_path, lambda store: store.put(rows_of(a_run(SECOND))))
    assert rows(tmp_path, "SELECT verdict, selection, doubt FROM suites ORDER BY run") == [
        ("passed", "", ""),
        ("failed", "", ""),
    ]


def test_who_does_not_get_the_database_in_time_says_so(tmp_path: Path) -> None:
    with (tmp_path / "history.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(EnvironmentFailure, match="another seatrial has had it") as failure:
            use(tmp_path, lambda store: store.ids(), patience=0.02)
    assert failure.value.where is not None


WRITER = """
import sys
from pathlib import Path
from tests.unit.history.runs import a_run, record
print("ready", flush=True)
sys.stdin.readline()
for number in range(5):
    notices = record(Path(sys.argv[1]), a_run(f"20260101-{sys.argv[2]}-{number}")).notices
    assert not notices, notices
"""


def test_ten_processes_write_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(number)],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for number in range(10)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        writer.communicate(b"go\n")
    assert [writer.returncode for writer in writers] == [0] * 10
    wanted = {f"20260101-{writer}-{number}" for writer in range(10) for number in range(5)}
    assert set(use(tmp_path, lambda store: store.ids()).value) == wanted
    assert rows(tmp_path, "SELECT count(*) FROM tests") == [(100,)]
    assert rows(tmp_path, "PRAGMA integrity_check") == [("ok",)]
    assert list(tmp_path.glob("*corrupt*")) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from seatrial.history.store import Store, use
from seatrial.history.recorder import Recorder
from seatrial.history.upkeep import rows_of
from tests.unit.history.runs import Heard, a_run
folder = Path(sys.argv[1])
recorder = Recorder(folder, Heard())
for event in a_run("20260102-000000-a", ends=False):
    recorder.event(event)
recorder.tick(1.0)
def die(store):
    put = store._put_tests
    store._put_tests = lambda *rows: (put(*rows), os.kill(os.getpid(), signal.SIGKILL))
    store.put(rows_of(a_run("20260103-000000-a")))
use(folder, die)
"""


def test_kill_9_in_the_middle_of_writing_costs_nothing_that_was_written(tmp_path: Path) -> None:
    """It has told its log all, and dies with a transaction open and the lock held."""
    record(tmp_path, a_run(FIRST))
    root = Path(__file__).resolve().parents[3]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=root, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    told = a_run(SECOND, ends=False)
    assert list(Recording(log_of(tmp_path, SECOND))) == told
    listed = past_runs(tmp_path, 9)
    assert [(run.id, run.verdict) for run in listed.value] == [
        (SECOND, "killed"),
        (FIRST, "failed"),
    ]
    assert listed.moved is None
    assert rows(tmp_path, "PRAGMA integrity_check") == [("ok",)]


def test_the_reference_names_the_version_and_every_column_of_the_tables(tmp_path: Path) -> None:
    use(tmp_path, lambda store: store.ids())
    page = (Path(__file__).parents[3] / "docs/reference/history.md").read_text()
    assert f"`user_version` is {len(migrations.MIGRATIONS)}." in page
    lines = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    with closing(sqlite3.connect(tmp_path / FILE)) as found:
        for (table,) in found.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"):
            named = set(re.findall(r"`(\w+)`", lines[table])) - {table}
            columns = {row[1] for row in found.execute(f"PRAGMA table_info({table})")}
            assert named >= columns, table
