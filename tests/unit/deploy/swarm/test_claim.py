"""Whose claim on a stack is dead, and whose may not be."""

from __future__ import annotations

import os
import platform
from dataclasses import replace

from seatrial.deploy.lock import machine
from seatrial.deploy.swarm.claim import Holder
from seatrial.host.system import start_time

MINE = Holder(
    who="ann",
    host=platform.node(),
    since="2026-01-01T00:00:00+00:00",
    boot=machine(),
    pid=os.getpid(),
    started=start_time(os.getpid()) or "",
)


def test_one_that_runs_is_alive() -> None:
    assert not MINE.is_dead


def test_another_process_with_its_number_is_not_it() -> None:
    assert replace(MINE, started="1").is_dead


def test_of_another_machine_nobody_knows_whatever_it_is_called() -> None:
    for host in ("elsewhere", platform.node()):
        assert not replace(MINE, host=host, started="1", boot="another").is_dead


def test_it_says_who_where_and_since_when() -> None:
    assert str(replace(MINE, host="laptop")) == "ann on laptop since 2026-01-01T00:00:00+00:00"
