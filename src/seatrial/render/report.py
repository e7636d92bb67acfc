"""``report``: the runs so far as a table, or as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from seatrial.events import Notice, Noticed
from seatrial.history.log import Recording
from seatrial.history.model import KILLED, RUNNING, PastRun
from seatrial.model.project import STAGES
from seatrial.model.result import Verdict
from seatrial.render.choose import Choice
from seatrial.render.style import Line, Span, Style, line, painted
from seatrial.render.text import VERDICTS, counts_text, duration, notice_text, plural
from seatrial.render.width import cells, fit, one_line, pad

_HEADINGS = ("RUN", "STARTED", "BRANCH", "STAGES", "VERDICT", "TIME", "TESTS")
_VERDICT = _HEADINGS.index("VERDICT")
_BRANCH = 24
_WORDS: Mapping[str, str] = {
    **{verdict.value: text for verdict, text in VERDICTS.items()},
    RUNNING: "still running",
    KILLED: "killed",
}
_STYLES: Mapping[str, Style] = {
    Verdict.PASSED: Style.GOOD,
    Verdict.NO_TESTS: Style.WARN,
    RUNNING: Style.BUSY,
}


def report_lines(runs: Sequence[PastRun], choice: Choice) -> list[str]:
    """Return the table, the newest run first."""
    rows = [_HEADINGS, *map(_row, runs)]
    widths = [max(cells(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    styles = [Style.QUIET, *(_STYLES.get(run.verdict, Style.BAD) for run in runs)]
    lines: list[Line] = []
    for row, style in zip(rows, styles, strict=True):
        spans = [
            Span(
                text if at == len(row) - 1 else pad(text, width) + "  ",
                style if row is _HEADINGS or at == _VERDICT else Style.PLAIN,
            )
            for at, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(line(*spans))
    return painted(lines, choice.colour)


def report_json(runs: Sequence[PastRun]) -> str:
    """Return one JSON object; ``started`` is seconds since the epoch."""
    return json.dumps({"v": 1, "runs": [asdict(run) for run in runs]}, indent=1)


def spoilt_line(folder: str, moved: str) -> str:
    """Return the line that says where a database went that could not be read."""
    return f"note: {notice_text(Noticed(0.0, Notice.HISTORY_SPOILT, folder, moved))}"


def recording_lines(recording: Recording, *, running: bool) -> list[str]:
    """Return what there is to know of a recording that was just shown, besides what it told."""
    lines = []
    if recording.skipped:
        entries = plural(recording.skipped, "entry").replace("entrys", "entries")
        lines.append(f"note: {entries} of another version of seatrial left out")
    if running:
        lines.append("note: this run is still under way")
    elif not recording.ended:
        lines.append("note: this run was cut short; its last events are missing")
    return lines


def _row(run: PastRun) -> tuple[str, ...]:
    try:
        started = datetime.fromtimestamp(run.started).astimezone().strftime("%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        # A clock that stood in another age.
        started = "-"
    return (
        run.id,
        started,
        f"{fit(one_line(run.branch), _BRANCH)} {run.commit[:8]}".strip() or "-",
        "all" if len(run.stages) == len(STAGES) else ",".join(run.stages) or "-",
        _WORDS.get(run.verdict, one_line(run.verdict)),
        duration(run.seconds),
        counts_text(run.counts, run.flaky),
    )
