"""The words for workers and for pieces."""

from __future__ import annotations

import pytest

from seatrial.composefile.apart import Apart
from seatrial.model.project import Piece
from seatrial.planning.files import Files
from seatrial.planning.shards import Shard, split
from seatrial.planning.workers import Reason, Spread
from seatrial.render.shards import piece_lines, piece_text, shard_text, split_lines
from seatrial.render.workers import is_worth_saying, spread_text

GIANT = "unit:giant"


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_words(reason: Reason) -> None:
    said = spread_text(Spread(0, reason, 12.0, 7.5, "web"))
    assert said.startswith("no workers: ")
    assert len(said) > 25


def test_the_cause_has_its_figures_and_what_each_worker_has() -> None:
    own = Apart(("db",), ("cache",))
    assert spread_text(Spread(2, Reason.PAYS, 12.0, 7.5, apart=own)) == (
        "2 workers: its past lets expect 7.5s in the place of 12.0s;"
        " each has a database of its own in db, cache"
    )
    assert spread_text(Spread(0, Reason.SLOWER, 12.0, 13.5)) == (
        "no workers: runs with workers took 13.5s, without 12.0s"
    )


def test_where_no_worker_could_be_had_nothing_is_said() -> None:
    assert not is_worth_saying(Spread(0, Reason.NO_XDIST))
    assert not is_worth_saying(Spread(0, Reason.NO_PAST))
    assert is_worth_saying(Spread(0, Reason.SHORT))


def test_a_split_says_which_files_of_a_suite_this_shard_has() -> None:
    files = {GIANT: Files({"a.py": 2.0, "b.py": 1.0, "c.py": 1.0}, 0.5)}
    seconds = {GIANT: 4.5, "unit:lib": 0.25}
    cut = split(seconds, 2, seconds, files)
    shard = Shard(2, 2)
    assert shard_text(cut, shard).startswith("shard 2/2: 1 of 2 suites (1 in part), about 2.5s of")
    assert list(split_lines(cut, shard, seconds, files)) == [
        "shard 1/2",
        "     2.5s  unit:giant, piece 1 of 2 with 1 file",
        "     0.2s  unit:lib",
        "shard 2/2 (this one)",
        "     2.5s  unit:giant, piece 2 of 2 with 2 files",
        "unit:giant, piece 2 of 2 with 2 files",
        "  b.py",
        "  c.py",
        "  and what else the runner finds that is in no other piece",
    ]


def test_odd_names_of_files_can_be_printed() -> None:
    piece = Piece(2, 3, ("tests/\udcff\n.py",))
    assert piece_text(piece) == "piece 2 of 3 with 1 file"
    (line,) = piece_lines(piece)
    assert line.encode().isascii() or "\ufffd" in line
    assert "\n" not in line
