"""Whether what is to be released was tested: by runs on record, or by somebody's word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seatrial import events
from seatrial.errors import UsageError
from seatrial.history.log import Recording, logs
from seatrial.model.result import Verdict


@dataclass(frozen=True, slots=True)
class Proof:
    """Why a release counts as tested.

    ``by`` is ``runs`` (then ``runs`` are the ids of the runs on record), ``word`` (then ``reason``
    is what the user gave), or ``nothing`` where it was forced.
    """

    by: str
    reason: str = ""
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tested:
    """What the runs on record say about one state of the files: suites that passed whole."""

    passed: frozenset[str]
    failed: frozenset[str]
    runs: tuple[str, ...]


def evidence(folder: Path, inputs: str) -> Tested:
    """Return what the runs in a worktree's ``folder`` say about the files called ``inputs``.

    The newest verdict of a suite counts. A suite that was narrowed to some of its tests proves
    nothing, and neither does a run on files that differ in one byte.
    """
    verdicts: dict[str, Verdict] = {}
    runs = []
    for path in logs(folder) if inputs else ():
        found = _whole(Recording(path), inputs)
        if found:
            runs.append(path.stem)
            verdicts = {**found, **verdicts}
    good = frozenset(suite for suite, verdict in verdicts.items() if verdict is Verdict.PASSED)
    return Tested(good, frozenset(verdicts) - good, tuple(runs))


def _whole(recording: Iterable[events.Event], inputs: str) -> dict[str, Verdict]:
    """Return the verdicts of the suites that a run tested whole; nothing for other files."""
    narrowed: frozenset[str] = frozenset()
    same = False
    found: dict[str, Verdict] = {}
    for event in _readable(recording):
        match event:
            case events.RunStarted(suites=suites):
                narrowed = frozenset(one.id for one in suites if one.selection)
            case events.InputsKnown(digest=digest):
                if digest != inputs:
                    return {}
                same = True
            case events.SuiteFinished(result=result) if result.suite not in narrowed:
                found[result.suite] = result.verdict
    return found if same else {}


def _readable(recording: Iterable[events.Event]) -> Iterator[events.Event]:
    try:
        yield from recording
    except OSError:
        return


def prove(found: Tested, wanted: Iterable[str], commit: str) -> Proof:
    """Return the proof that all ``wanted`` suites passed. Raises ``UsageError`` without it."""
    wanted = tuple(wanted)
    lacking = [suite for suite in wanted if suite not in found.passed]
    if wanted and not lacking:
        return Proof("runs", runs=found.runs)
    failed = [suite for suite in lacking if suite in found.failed]
    what = f"{commit[:12]} is untested: "
    if not wanted:
        what += "there is no test"
    elif failed:
        what += f"{failed[0]} failed on it"
    elif len(lacking) == len(wanted):
        what += "no run on record tested it"
    else:
        what += f"no run on record passed {', '.join(lacking)} on it"
    raise UsageError(
        what,
        mend="`seatrial test` first; or say who did, with --tested REASON; "
        "or release it all the same with --force untested",
    )
