"""The tool `test` over a command line that does what the test wants."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from seatrial.events import to_json
from seatrial.host.processes import Processes
from seatrial.mcp.calls import Calls
from seatrial.mcp.server import TOOLS
from seatrial.mcp.tool import Answer, Desk
from tests.support.loop import in_a_loop
from tests.unit.render import runs

# Prints the lines of the file beside it, says its own words aside, and ends with 70.
PROGRAM = """
import sys
from pathlib import Path

print(Path("lines").read_text(), end="")
print(*sys.argv[1:], file=sys.stderr)
sys.exit(70)
"""


async def answered(root: Path, given: dict[str, object], lines: list[str]) -> Answer:
    (root / "lines").write_text("".join(f"{line}\n" for line in lines))
    told: list[float] = []

    async def progress(done: float, total: float | None, message: str) -> None:
        told.append(done)
        assert total is not None
        assert done <= total
        assert message

    calls = Calls((sys.executable, "-c", PROGRAM), root, Processes(dict(os.environ)))
    tool = TOOLS["test"]
    answer = await tool.work(Desk(calls, progress), tool.read(given))
    assert told == sorted(set(told))
    return answer


@in_a_loop
async def test_arguments_become_the_words_of_the_verb(tmp_path: Path) -> None:
    given = {
        "services": ["api", "web"],
        "stages": ["unit", "service"],
        "keyword": "-x --junit=a",
        "changed": True,
        "base": "origin/main",
        "last_failed": True,
        "runtime": "process",
        "first_failure": True,
        "retries": 0,
        "timeout": 2.5,
    }
    answer = await answered(tmp_path, given, [])
    assert answer.failed
    assert answer.text == (
        "test --output=json api web --stage=unit --stage=service -k-x --junit=a --changed "
        "--base=origin/main --last-failed --runtime=process -x --retries=0 --timeout=2.5"
    )


@in_a_loop
async def test_a_run_that_breaks_off_is_a_failed_call_that_tells_what_is_known(
    tmp_path: Path,
) -> None:
    lines = [to_json(event) for event in runs.three_services(good=False)]
    answer = await answered(tmp_path, {}, lines[:-1])
    assert answer.failed
    assert answer.text.startswith("test --output=json\n")
    assert "test_rounding" in answer.text


@in_a_loop
async def test_a_run_that_ends_red_is_an_answer_whatever_was_said_aside(tmp_path: Path) -> None:
    lines = [to_json(event) for event in runs.three_services(good=False)]
    assert not (await answered(tmp_path, {}, lines)).failed
