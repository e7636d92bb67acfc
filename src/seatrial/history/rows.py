"""What the database keeps of one run, gathered from its events. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial import events
from seatrial.events import Event
from seatrial.history.model import KILLED, PastRun
from seatrial.model.result import Counts, SuiteResult, TestResult, Verdict


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """Work other than tests; times are seconds, ``at`` those since the run began."""

    phase: str
    subject: str
    environment: str
    at: float
    seconds: float
    ok: bool


class Rows:
    """Takes every event of a run, in order."""

    def __init__(self) -> None:
        self.started: events.RunStarted | None = None
        self.suites: dict[str, SuiteResult] = {}
        self.began: dict[str, float] = {}
        self.tests: dict[tuple[str, str], TestResult] = {}
        self.phases: list[PhaseRow] = []
        self._runtime = ""
        self._inputs = ""
        self._result: events.RunFinished | None = None
        self._interrupted = False
        self._last = 0.0

    def take(self, event: Event) -> None:
        """Keep what a row needs."""
        self._last = event.at
        match event:
            case events.RunStarted():
                self.started = event
            case events.InputsKnown(digest=digest):
                self._inputs = digest
            case events.RuntimeChosen(runtime=runtime):
                self._runtime = runtime
            case events.PhaseFinished(phase=phase, seconds=seconds, at=at):
                row = PhaseRow(phase, event.subject, event.environment, at, seconds, event.ok)
                self.phases.append(row)
            case events.SuiteStarted(suite=suite, at=at):
                self.began[suite] = at
            case events.TestFinished(suite=suite, result=test):
                self.tests[suite, test.id] = test
            case events.SuiteFinished(result=result):
                self.suites[result.suite] = result
            case events.RunInterrupted():
                self._interrupted = True
            case events.RunFinished(result=run):
                self._result = event
                self.suites.update({suite.suite: suite for suite in run.suites})

    def run(self) -> PastRun | None:
        """Return the run; ``None`` where not even its beginning is known."""
        started = self.started
        if started is None:
            return None
        result = self._result.result if self._result else None
        # A second signal ends a run without its last event.
        cut = Verdict.INTERRUPTED if self._interrupted else KILLED
        return PastRun(
            id=started.run,
            started=started.started,
            seconds=result.seconds if result else self._last,
            verdict=result.verdict if result else cut,
            exit_code=result.exit_code if result else None,
            version=started.version,
            branch=started.branch,
            commit=started.commit,
            runtime=self._runtime,
            stages=tuple(dict.fromkeys(suite.stage.value for suite in started.suites)),
            suites=len(started.suites),
            inputs=self._inputs,
            flaky=sum(test.is_flaky for test in self.tests.values()),
            counts=sum((suite.counts for suite in self.suites.values()), Counts()),
        )
