"""Where hadolint is, and what is said where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import EnvironmentFailure
from seatrial.host.processes import Processes
from seatrial.lint.hadolint import Hadolint, missing, program


def script(file: Path, text: str) -> str:
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


def test_the_extras_own_wins_over_the_one_on_the_path(tmp_path: Path) -> None:
    for name in ("scripts", "path"):
        (tmp_path / name).mkdir()
    processes = Processes({"PATH": str(tmp_path / "path")})
    assert program(processes, tmp_path / "scripts") is None
    other = script(tmp_path / "path/hadolint", "true")
    assert program(processes, tmp_path / "scripts") == other
    own = script(tmp_path / "scripts/hadolint", "true")
    assert program(processes, tmp_path / "scripts") == own


def test_the_error_names_the_extra() -> None:
    assert "seatrial[dockerfile]" in missing().mend


def test_each_text_is_asked_for_once(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    answer = '[{"code":"DL3008","level":"warning","line":9,"column":1,"message":"Pin it."}]'
    own = script(tmp_path / "hadolint", f"cat > /dev/null; echo x >> {calls}; echo '{answer}'")
    ask = Hadolint(own, Processes({"PATH": "/usr/bin:/bin"}), tmp_path)
    first = ask({"a/Dockerfile": "FROM a\n", "b/Dockerfile": "FROM b\n"})
    assert ask({"a/Dockerfile": "FROM a\n", "b/Dockerfile": "FROM b\n"}) == first
    assert calls.read_text() == "x\nx\n"
    # A line behind the end is the last one.
    assert [(f.file.as_posix(), f.line, f.what) for f in first] == [
        ("a/Dockerfile", 2, "Pin it"),
        ("b/Dockerfile", 2, "Pin it"),
    ]


@pytest.mark.parametrize("does", ["exit 3", "echo oops", "echo '{}'"])
def test_no_answer_is_one_error(tmp_path: Path, does: str) -> None:
    own = script(tmp_path / "hadolint", f"cat > /dev/null; {does}")
    ask = Hadolint(own, Processes({"PATH": "/usr/bin:/bin"}), tmp_path)
    with pytest.raises(EnvironmentFailure, match="hadolint ended with"):
        ask({"Dockerfile": "FROM a\n"})
