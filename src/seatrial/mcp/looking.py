"""Tools that look at the repository, at a run's times and at the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from seatrial.discover import find_root
from seatrial.errors import UsageError
from seatrial.mcp.tool import (
    Answer,
    Arguments,
    Desk,
    Name,
    RunId,
    Tool,
    as_text,
    document,
    hints,
    refused,
)

# The most findings, and slow tests, suites and outliers each, that are told.
_FINDINGS, _SLOW = 50, 10


def _rounded(seconds: float) -> float:
    return round(seconds, 2)


Seconds = Annotated[float, AfterValidator(_rounded)]


class LintArguments(Arguments):
    """What to look at."""

    paths: list[str] = Field(
        [], description="files and folders, relative to the root; else the whole repository"
    )
    select: list[Name] = Field(
        [], description="only these rules: codes, their beginnings (SEA1) or categories (security)"
    )


class SlowArguments(Arguments):
    """A recorded run."""

    run: RunId = "last"


class FindingAnswer(BaseModel):
    """A place that breaks a rule."""

    file: str
    line: int = 0
    code: str
    severity: str
    what: str
    mend: str = ""
    fixable: bool = Field(False, description="the tool fix mends it")


class CountsAnswer(BaseModel):
    """How many findings there are of each kind, in how many files that were looked at."""

    errors: int
    warnings: int
    notes: int = 0
    fixed: int = 0
    files: int = 0


class LintAnswer(BaseModel):
    """What lint found."""

    v: int
    counts: CountsAnswer
    findings: list[FindingAnswer] = Field([], description=f"the first {_FINDINGS}")
    not_fixed: list[str] = []
    notes: list[str] = []


class CauseAnswer(BaseModel):
    """A likely cause; ``saved`` is what a mend saves at most, in seconds."""

    kind: str
    file: str
    line: int
    saved: Seconds
    name: str = ""
    scope: str = ""


class SlowAnswer(BaseModel):
    """A slow test or suite, or one that was quicker before (``median``); times are in seconds."""

    suite: str
    test: str = ""
    seconds: Seconds
    median: Seconds = 0.0
    causes: list[CauseAnswer] = []


class PhaseAnswer(BaseModel):
    """What work of one kind took, all pieces together."""

    phase: str
    seconds: Seconds


def _first(found: Any) -> Any:
    return found[:_SLOW] if isinstance(found, list) else found


_Slowest = Annotated[list[SlowAnswer], BeforeValidator(_first)]


class TimesAnswer(BaseModel):
    """Where the time of a run went."""

    v: int
    run: str
    seconds: Seconds
    tests: int = 0
    phases: list[PhaseAnswer] = []
    slow: _Slowest = []
    suites: _Slowest = []
    outliers: _Slowest = []


class PartAnswer(BaseModel):
    """Something that the machine has or lacks, what that costs and what mends it."""

    subject: str
    state: str
    found: str = ""
    cost: str = ""
    mend: str = ""


class MachineAnswer(BaseModel):
    """What the machine has for seatrial; ``runtimes`` are those that can be had."""

    v: int
    exit_code: int
    runtimes: list[str] = []
    findings: list[PartAnswer] = []

    @model_validator(mode="before")
    @classmethod
    def _without_the_good(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("findings"), list):
            bad = [one for one in given["findings"] if one.get("state") != "good"]
            return {**given, "findings": bad}
        return given


async def _lint(desk: Desk, given: LintArguments, *words: str) -> Answer:
    paths = _below_the_root(desk.calls.root, given.paths)
    select = [f"--select={code}" for code in given.select]
    ended = await desk.calls.call(["lint", "--format=json", *words, *select, *paths])
    found = document(ended, LintAnswer)
    if found is None:
        return refused(ended)
    left = len(found.findings) - _FINDINGS
    if left > 0:
        notes = [f"{left} more findings: name fewer paths or rules", *found.notes]
        found = found.model_copy(update={"findings": found.findings[:_FINDINGS], "notes": notes})
    return Answer(as_text(found), found)


async def _fix(desk: Desk, given: LintArguments) -> Answer:
    return await _lint(desk, given, "--fix")


async def _slow(desk: Desk, given: SlowArguments) -> Answer:
    ended = await desk.calls.call(["slow", given.run, "--json"])
    found = document(ended, TimesAnswer)
    return refused(ended) if found is None else Answer(as_text(found), found)


async def _doctor(desk: Desk, _given: Arguments) -> Answer:
    ended = await desk.calls.call(["doctor", "--json"])
    found = document(ended, MachineAnswer)
    return refused(ended) if found is None else Answer(as_text(found), found)


def _below_the_root(folder: Path, paths: list[str]) -> list[str]:
    """Return absolute paths. Raises ``UsageError`` where one leads out of the repository."""
    root = find_root(folder).resolve()
    found = []
    for path in paths:
        place = (folder / path).resolve()
        if not place.is_relative_to(root):
            raise UsageError(
                f"{path} is not in the repository",
                mend=f"name files and folders below {root}; this server looks at no other",
            )
        found.append(str(place))
    return found


TOOLS = (
    Tool(
        "lint",
        "Look for faults",
        "Hold compose files, Dockerfiles, workflows, Makefiles, env files and tests to the rules "
        "of the layout. Changes nothing.",
        LintArguments,
        _lint,
        LintAnswer,
        hints(reads=True),
    ),
    Tool(
        "fix",
        "Mend what lint found",
        "Mend in place what lint is certain of, then tell what is left.",
        LintArguments,
        _fix,
        LintAnswer,
        hints(destroys=True),
    ),
    Tool(
        "slow",
        "Where the time went",
        "Say where the time of a recorded run went: phases, slow tests and suites, with likely "
        "causes by file and line, and what a mend saves.",
        SlowArguments,
        _slow,
        TimesAnswer,
        hints(reads=True),
    ),
    Tool(
        "doctor",
        "What the machine lacks",
        "Say what this machine lacks that seatrial can use, what each costs and how to get it. "
        "For when an environment could not be had.",
        Arguments,
        _doctor,
        MachineAnswer,
        hints(reads=True),
    ),
)
