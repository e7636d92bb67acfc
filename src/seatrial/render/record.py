"""What a run has said so far, kept for what is printed at its end."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import PurePath

from seatrial import events
from seatrial.errors import EXIT_GOOD
from seatrial.events import Event, Phase
from seatrial.model.project import Stage
from seatrial.model.result import Counts, Problem, RunResult, SuiteResult, TestResult, Verdict

# How many log lines of an environment are kept for failures that are still to come.
_KEPT_LOGS = 400


@dataclass(slots=True)
class SuiteRecord:
    """A suite: its plan, when it ran, every test that ended, the last result of each."""

    planned: events.PlannedSuite
    started: float | None = None
    ended: float | None = None
    tests: dict[str, TestResult] = field(default_factory=dict)
    test_began: dict[str, float] = field(default_factory=dict)
    result: SuiteResult | None = None

    @property
    def counts(self) -> Counts:
        """Return the numbers of its tests; of those that ended, where a kill cut it short."""
        if self.result is not None:
            return self.result.counts
        return Counts(**Counter(test.outcome.value for test in self.tests.values()))


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed test, or (``test`` is ``None``) a suite that failed as a whole."""

    planned: events.PlannedSuite
    result: SuiteResult
    test: TestResult | None
    logs: tuple[str, ...]
    again: str


class Record:
    """Takes every event; answers what the ends of all displays ask."""

    def __init__(self) -> None:
        self.started: events.RunStarted | None = None
        self.runtime: events.RuntimeChosen | None = None
        self.result: RunResult | None = None
        self.suites: dict[str, SuiteRecord] = {}
        self.notices: list[events.Noticed] = []
        self.kept: list[events.EnvironmentKept] = []
        self.coverage: events.CoverageReported | None = None
        self._problems: list[Problem] = []
        self._logs: dict[str, deque[events.ServiceLogged]] = {}
        self._spans: dict[Phase, list[tuple[float, float]]] = {}

    def take(self, event: Event) -> None:
        """Keep what matters of ``event``."""
        match event:
            case events.RunStarted():
                self.started = event
                self.suites = {p.id: SuiteRecord(p) for p in event.suites}
            case events.RuntimeChosen():
                self.runtime = event
            case events.Noticed():
                self.notices.append(event)
            case events.EnvironmentKept():
                self.kept.append(event)
            case events.CoverageReported():
                self.coverage = event
            case events.EnvironmentFailed(problem=problem):
                self._problems.append(problem)
            case events.PhaseFinished(phase=phase, seconds=seconds, at=at):
                self._spans.setdefault(phase, []).append((at - seconds, at))
            case events.ServiceLogged(environment=key):
                self._logs.setdefault(key, deque(maxlen=_KEPT_LOGS)).append(event)
            case events.RunFinished(result=result):
                self._finish(result)
            case _:
                self._take_of_suite(event)

    def _take_of_suite(self, event: Event) -> None:
        match event:
            case events.SuiteStarted(suite=suite, at=at) if suite in self.suites:
                self.suites[suite].started = at
            case events.TestStarted(suite=suite, test=test, at=at) if suite in self.suites:
                self.suites[suite].test_began[test] = at
            case events.TestFinished(suite=suite, result=test_result) if suite in self.suites:
                self.suites[suite].tests[test_result.id] = test_result
            case events.SuiteFinished(result=result, at=at) if result.suite in self.suites:
                self.suites[result.suite].result = result
                self.suites[result.suite].ended = at

    def _finish(self, result: RunResult) -> None:
        self.result = result
        for suite in result.suites:
            if suite.suite in self.suites:
                self.suites[suite.suite].result = suite

    @property
    def counts(self) -> Counts:
        """Return the numbers of tests of the whole run."""
        return sum((r.counts for r in self.suites.values()), Counts())

    def stage(self, stage: Stage) -> list[SuiteRecord]:
        """Return the suites of a stage."""
        return [r for r in self.suites.values() if r.planned.stage is stage]

    def unrun(self, stage: Stage) -> Verdict:
        """Return why no suite of a stage ran."""
        verdicts = [r.result.verdict for r in self.stage(stage) if r.result is not None]
        told = [v for v in verdicts if v is not Verdict.NOT_RUN]
        return told[0] if told else Verdict.NOT_RUN

    def stage_seconds(self, stage: Stage) -> float:
        """Return the wall time of a stage, from its first suite's start to its last one's end."""
        spans = [_span(r) for r in self.stage(stage)]
        return _wall([span for span in spans if span is not None])

    def walls(self) -> list[tuple[str, float]]:
        """Return the wall time of each phase and of the tests, in the order of a run.

        Phases overlap with each other and with the tests, so that the sum may exceed the run's.
        """
        spans = [_span(r) for r in self.suites.values()]
        walls = {phase.value: _wall(times) for phase, times in self._spans.items()}
        walls["tests"] = _wall([span for span in spans if span is not None])
        order = ("sync", "build", "boot", "setup", "tests", "remove")
        return [(name, walls[name]) for name in order if walls.get(name)]

    def slowest(self, number: int) -> list[tuple[events.PlannedSuite, TestResult]]:
        """Return the slowest tests, the slowest first."""
        tests = [(r.planned, t) for r in self.suites.values() for t in r.tests.values()]
        return sorted(tests, key=lambda pair: -pair[1].seconds)[:number]

    def problems(self) -> list[Problem]:
        """Return what went wrong besides the tests, each once, without what a failure tells."""
        of_suites = [r.result.problem for r in self.suites.values() if r.result]
        of_run = self.result.problems if self.result else ()
        told = {f.result.problem for f in self.failures() if f.test is None}
        everything = dict.fromkeys([*self._problems, *of_suites, *of_run])
        return [p for p in everything if p is not None and p not in told]

    def failures_of(self, result: SuiteResult) -> list[Failure]:
        """Return what of a suite failed; a suite that failed without a failed test is one."""
        suite = self.suites.get(result.suite)
        if suite is None:
            return []
        failures = [
            Failure(suite.planned, result, t, self._logs_of(suite, t), _again(result, t))
            for t in result.failures
        ]
        if failures or not self._failed_as_a_whole(result.verdict):
            return failures
        return [Failure(suite.planned, result, None, self._logs_of(suite, None), result.again)]

    def failures(self) -> list[Failure]:
        """Return what failed so far, in the order of the plan."""
        results = [r.result for r in self.suites.values() if r.result is not None]
        return [failure for result in results for failure in self.failures_of(result)]

    def flaky_of(self, result: SuiteResult) -> list[Failure]:
        """Return the tests of a suite that failed and passed when they were tried again."""
        suite = self.suites.get(result.suite)
        if suite is None:
            return []
        return [
            Failure(suite.planned, result, test, self._logs_of(suite, test), test.again)
            for test in result.flaky
        ]

    def flaky(self) -> list[Failure]:
        """Return the flaky tests so far, in the order of the plan."""
        results = [r.result for r in self.suites.values() if r.result is not None]
        return [failure for result in results for failure in self.flaky_of(result)]

    def _failed_as_a_whole(self, verdict: Verdict) -> bool:
        if verdict is Verdict.NO_TESTS:
            # Under -k a suite may well have no test; the run's own end says whether it was one.
            return self.result is not None and self.result.exit_code != EXIT_GOOD
        return verdict in (Verdict.FAILED, Verdict.DEADLINE)

    def place(self, planned: events.PlannedSuite, test: TestResult) -> str:
        """Return the test's file relative to the root, as an annotation names it."""
        path = PurePath(planned.folder) / test.file
        root = self.started.root if self.started else ""
        if root and path.is_absolute() and path.is_relative_to(root):
            path = path.relative_to(root)
        return str(path) if test.file else ""

    def _logs_of(self, suite: SuiteRecord, test: TestResult | None) -> tuple[str, ...]:
        """Return the lines that belong to a failure, else those since its test began."""
        logs = self._logs.get(suite.planned.environment, ())
        name = test.id if test else ""
        belongs = [x for x in logs if x.suite == suite.planned.id and x.test in (name, "")]
        if not belongs:
            began = suite.test_began.get(name, suite.started or 0.0)
            ended = suite.ended if suite.ended is not None else float("inf")
            belongs = [x for x in logs if not x.suite and began <= x.at <= ended]
        return tuple(f"{x.service} | {x.line}" for x in belongs)


def _again(result: SuiteResult, test: TestResult) -> str:
    """Return how to run ``test`` alone: its own command, or the suite's, which is the first's."""
    return test.again or (result.again if result.failures[0] == test else "")


def _span(record: SuiteRecord) -> tuple[float, float] | None:
    if record.started is None or record.ended is None:
        return None
    return record.started, record.ended


def _wall(spans: list[tuple[float, float]]) -> float:
    """Return the length of the union of ``spans``."""
    total, reached = 0.0, float("-inf")
    for begin, end in sorted(spans):
        total += max(end - max(begin, reached), 0.0)
        reached = max(reached, end)
    return total
