"""A run of tests as an answer: its events in, progress on the way, text and data at its end."""

from __future__ import annotations

import io
from collections.abc import Iterable

from pydantic import BaseModel, Field

from seatrial.errors import EXIT_FAILED, EXIT_GOOD
from seatrial.events import from_json
from seatrial.mcp.progress import Progress, Step
from seatrial.mcp.tool import Answer, bounded
from seatrial.model.project import STAGES, Stage
from seatrial.model.result import Counts, Verdict
from seatrial.render.agent import IN_FULL, LIMITS, Agent
from seatrial.render.failures import Limits, failure_lines, failure_title, flaky_lines
from seatrial.render.record import Failure, Record
from seatrial.render.style import glyphs, text_of
from seatrial.render.text import notice_text

# The shape of what is answered; a field is never taken away without another number.
VERSION = 1
# The most of each that is told.
_PROBLEMS, _NOTES, _BY_NAME = 5, 10, 20
# The most characters of one failure.
_LONG = 2_500
# A failure that was asked for by name.
IN_DETAIL = Limits(assertion=60, traceback=150, logs=200, output=150)


class StageAnswer(BaseModel):
    """A stage that ran."""

    stage: str
    suites: int
    passed: int
    failed: int = 0
    skipped: int = 0
    seconds: float


class FailureAnswer(BaseModel):
    """A failed or flaky test, or a suite that failed as a whole; ``text`` has why, and its logs."""

    suite: str
    test: str = ""
    file: str = Field("", description="relative to the root")
    line: int = 0
    flaky: bool = False
    text: str


class ProblemAnswer(BaseModel):
    """What went wrong besides the tests."""

    what: str
    where: str = ""
    mend: str = ""
    detail: str = ""


class RunAnswer(BaseModel):
    """How a run ended."""

    v: int
    run: str = Field("", description="its id, for report and slow")
    verdict: str
    exit_code: int | None = None
    seconds: float = 0.0
    runtime: str = ""
    stages: list[StageAnswer] = []
    failures: list[FailureAnswer] = []
    more_failures: list[str] = Field([], description="names only: report tells of each")
    problems: list[ProblemAnswer] = []
    notes: list[str] = []


class RunReader:
    """Takes the lines of ``--output json``; then answers for the whole run."""

    def __init__(self) -> None:
        self._out = io.StringIO()
        self._agent = Agent(self._out)
        self._glyphs = glyphs(False)
        self._progress = Progress()
        self.record = Record()

    def take(self, text: str) -> Step | None:
        """Take one line; return how far the run is where that is worth saying.

        Lines that this version does not know are left out, as when a record is shown again.
        """
        try:
            event = from_json(text)
        except ValueError:
            return None
        self.record.take(event)
        self._agent.event(event)
        return self._progress.take(event)

    def answer(self, aside: Iterable[str]) -> Answer:
        """Return the answer; ``aside`` is what was said besides the events.

        Red tests are an answer. What kept them from running at all is a failed call.
        """
        notes = [one for one in aside if one.strip()]
        data = self.data(notes)
        text = "\n".join([*notes[:_NOTES], self._out.getvalue()])
        failed = data.exit_code is not None and data.exit_code not in (EXIT_GOOD, EXIT_FAILED)
        return Answer(bounded(text), data, failed=failed)

    def data(self, notes: Iterable[str]) -> RunAnswer:
        """Return the run as data, what is long cut as in the text."""
        record, result = self.record, self.record.result
        told = record.failures()
        return RunAnswer(
            v=VERSION,
            run=record.started.run if record.started else "",
            verdict=result.verdict if result else "unfinished",
            exit_code=result.exit_code if result else None,
            seconds=round(result.seconds, 2) if result else 0.0,
            runtime=record.runtime.runtime if record.runtime else "",
            stages=[one for stage in STAGES if (one := self._stage(stage)) is not None],
            failures=[
                *(self.failure(one) for one in told[:IN_FULL]),
                *(self.failure(one) for one in record.flaky()[:_PROBLEMS]),
            ],
            more_failures=[failure_title(one) for one in told[IN_FULL : IN_FULL + _BY_NAME]],
            problems=[
                ProblemAnswer(
                    what=one.what,
                    where=one.where,
                    mend=one.mend,
                    detail=bounded("\n".join(one.detail), _LONG),
                )
                for one in record.problems()[:_PROBLEMS]
            ],
            notes=[*notes, *map(notice_text, record.notices)][:_NOTES],
        )

    def failure(
        self, failure: Failure, limits: Limits = LIMITS, most: int = _LONG
    ) -> FailureAnswer:
        """Return one failure, within ``limits`` and ``most`` characters."""
        test, mark = failure.test, self._glyphs
        flaky = test is not None and test.is_flaky
        shown = flaky_lines if flaky else failure_lines
        lines = shown(failure, mark.flaky if flaky else mark.failed, limits)
        return FailureAnswer(
            suite=failure.planned.id,
            test="" if test is None else test.id,
            file="" if test is None else self.record.place(failure.planned, test),
            line=0 if test is None else test.line,
            flaky=flaky,
            text=bounded("\n".join(text_of(line) for line in lines), most),
        )

    def _stage(self, stage: Stage) -> StageAnswer | None:
        ran = [
            one.result
            for one in self.record.stage(stage)
            if one.result is not None and one.result.verdict is not Verdict.NOT_RUN
        ]
        if not ran:
            return None
        counts = sum((one.counts for one in ran), Counts())
        return StageAnswer(
            stage=stage,
            suites=len(ran),
            passed=counts.passed,
            failed=counts.bad,
            skipped=counts.skipped,
            seconds=round(self.record.stage_seconds(stage), 2),
        )
