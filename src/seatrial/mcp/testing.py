"""Tools about tests: run them, say what would run, tell once more what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import Field

from seatrial.errors import UsageError
from seatrial.mcp.runs import IN_DETAIL, RunAnswer, RunReader
from seatrial.mcp.tool import (
    MOST,
    Answer,
    Arguments,
    Desk,
    Name,
    RunId,
    Runtime,
    Tool,
    bounded,
    hints,
    refused,
)
from seatrial.render.failures import failure_title

# How many failures are told in detail at once.
_IN_DETAIL = 3


class Selection(Arguments):
    """Which tests; without any, all of them."""

    services: list[Name] = Field([], description="only these services")
    stages: list[Literal["unit", "service", "integration"]] = Field(
        [], description="only these stages"
    )
    keyword: str = Field("", description="only tests that match, as -k of pytest or -t of vitest")
    changed: bool = Field(False, description="only suites that changes since the base touch")
    base: Name | None = Field(None, description="git ref that changed compares with")
    last_failed: bool = Field(False, description="only what failed when it last ran")
    runtime: Runtime | None = Field(
        None, description="where environments run; auto takes Docker where an engine answers"
    )

    def words(self) -> list[str]:
        """Return the words of the verb that say the same."""
        return [
            *self.services,
            *(f"--stage={stage}" for stage in self.stages),
            *([f"-k{self.keyword}"] if self.keyword else []),
            *(["--changed"] if self.changed else []),
            *([f"--base={self.base}"] if self.base else []),
            *(["--last-failed"] if self.last_failed else []),
            *([f"--runtime={self.runtime}"] if self.runtime else []),
        ]


class TestArguments(Selection):
    """A run of tests."""

    __test__ = False

    first_failure: bool = Field(False, description="stop at the first failure")
    retries: int | None = Field(
        None, ge=0, le=10, description="run failed tests again; those that then pass are flaky"
    )
    timeout: float | None = Field(None, gt=0, description="seconds for the whole run")


class ReportArguments(Arguments):
    """A recorded run."""

    run: RunId = "last"
    failure: str = Field(
        "", description="part of a failed test's or suite's name: it in full, with logs"
    )


async def _test(desk: Desk, given: TestArguments) -> Answer:
    words = ["test", "--output=json", *given.words()]
    words += ["-x"] if given.first_failure else []
    words += [f"--retries={given.retries}"] if given.retries is not None else []
    words += [f"--timeout={given.timeout}"] if given.timeout else []
    reader = RunReader()

    async def heard(line: str) -> None:
        if (step := reader.take(line)) is not None:
            await desk.progress(step.done, step.total, step.text)

    ended = await desk.calls.call(words, heard)
    if reader.record.started is None:
        return refused(ended)
    answer = reader.answer(ended.err)
    # A run that broke off has no verdict, and what it has said so far.
    return replace(answer, failed=answer.failed or reader.record.result is None)


async def _plan(desk: Desk, given: Selection) -> Answer:
    ended = await desk.calls.call(["test", "--dry-run", *given.words()])
    if ended.code:
        return refused(ended)
    return Answer(bounded("\n".join((*ended.err, *ended.out))))


async def _report(desk: Desk, given: ReportArguments) -> Answer:
    reader = RunReader()

    async def heard(line: str) -> None:
        reader.take(line)

    ended = await desk.calls.call(["report", given.run, "--output=json"], heard)
    if reader.record.started is None:
        return refused(ended)
    if given.failure:
        return _in_detail(reader, given.failure)
    # The call did what it was to do, whatever the run had ended with.
    return replace(reader.answer(ended.err), failed=False)


def _in_detail(reader: RunReader, wanted: str) -> Answer:
    everything = [*reader.record.failures(), *reader.record.flaky()]
    found = [one for one in everything if wanted.lower() in failure_title(one).lower()]
    if not found:
        titles = ", ".join(failure_title(one) for one in everything[:20])
        raise UsageError(
            f"no failure of the run is called {wanted!r}",
            mend=f"there are: {titles}" if titles else "the run has no failure",
        )
    told = found[:_IN_DETAIL]
    failures = [reader.failure(one, IN_DETAIL, MOST // len(told)) for one in told]
    rest = [failure_title(one) for one in found[_IN_DETAIL:]]
    data = reader.data(()).model_copy(update={"failures": failures, "more_failures": rest})
    more = [f"{len(rest)} more: {', '.join(rest)}"] if rest else []
    return Answer(bounded("\n".join([*(one.text for one in failures), *more])), data)


TOOLS = (
    Tool(
        "test",
        "Run tests",
        "Run the unit, service and integration tests, their environments booted and removed around "
        "them. Without arguments all of them; narrow it while you work: one service and stage, "
        "changed, or last_failed. A few lines when all pass, failures with assertion, traceback "
        "and container logs when not.",
        TestArguments,
        _test,
        RunAnswer,
        hints(reaches_out=True),
    ),
    Tool(
        "plan",
        "What would run, and why",
        "Say which suites and environments `test` would run with the same arguments, with a cause "
        "for each. Runs nothing.",
        Selection,
        _plan,
        hints=hints(reads=True),
    ),
    Tool(
        "report",
        "A run again",
        "Tell what a recorded run ended with, by default the last one, also one that somebody else "
        "started. With `failure`, that failure in full: whole traceback, captured output, logs.",
        ReportArguments,
        _report,
        RunAnswer,
        hints(reads=True),
    ),
)
