from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from seatrial.host.ledger import Ledger, abandoned, entries


def test_what_was_struck_out_is_not_listed(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "r.ledger", "r")
    ledger.folder(tmp_path / "a")
    ledger.folder(tmp_path / "b")
    ledger.done("folder", str(tmp_path / "a"))
    assert [entry.key for entry in entries(ledger.path)] == [str(tmp_path / "b")]
    ledger.close(clean=True)


def test_a_live_runs_ledger_is_not_abandoned(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "r.ledger", "r")
    code = (
        "import sys; from pathlib import Path; from seatrial.host.ledger import abandoned;"
        "print(len(list(abandoned(Path(sys.argv[1])))))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout == "0\n"
    ledger.close(clean=True)


def test_a_killed_runs_ledger_is_abandoned_and_still_readable(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from seatrial.host.ledger import Ledger;"
        "ledger = Ledger(Path(sys.argv[1]), 'dead'); ledger.engine('shop', 'default');"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "dead.ledger")], check=False)
    ((path, descriptor),) = abandoned(tmp_path)
    assert [(entry.kind, entry.key) for entry in entries(path)] == [("engine", "shop")]
    os.close(descriptor)


def test_two_clean_ups_never_get_the_same_ledger(tmp_path: Path) -> None:
    Ledger(tmp_path / "r.ledger", "r").close(clean=False)
    first = list(abandoned(tmp_path))
    assert len(first) == 1
    assert list(abandoned(tmp_path)) == []
    os.close(first[0][1])


def test_a_line_that_was_cut_off_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "r.ledger"
    path.write_text('{"kind": "folder", "key": "/a"}\n{"kind": "fol')
    assert [entry.key for entry in entries(path)] == ["/a"]


def test_a_clean_end_leaves_no_file_and_a_kept_environment_does(tmp_path: Path) -> None:
    clean = Ledger(tmp_path / "clean.ledger", "clean")
    clean.close(clean=True)
    kept = Ledger(tmp_path / "kept.ledger", "kept")
    kept.keep()
    kept.close(clean=True)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.ledger"]
