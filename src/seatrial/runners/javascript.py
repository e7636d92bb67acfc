"""vitest and jest, through the reporters in ``injected/node_reporters``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seatrial.model.project import Suite
from seatrial.model.result import TestResult
from seatrial.runners import coverage
from seatrial.runners.base import Invocation, Reader, RunnerOptions, RunPlace
from seatrial.runners.reading import ReportReader
from seatrial.runners.script import Word, edited, shell_text
from seatrial.runners.sharing import told_of
from seatrial.runners.text import JestText, TextParser, VitestText
from seatrial.runners.words import naming, scripts, targets

_REPORTERS = Path(__file__).parent.parent / "injected" / "node_reporters"
# vitest's own words before its options; without one it might start to watch.
_VITEST_ONCE = ("run", "related", "bench", "list")
_WATCHING = ("watch", "dev", "--watch", "-w", "--watchAll", "--watch=true", "--watchAll=true")
_NUMBERED = re.compile(r" #\d+$")


@dataclass(frozen=True)
class JavaScriptRunner:
    """What vitest and jest have in common: a script to follow, a reporter to hand in."""

    name: str

    def invocation(self, suite: Suite, options: RunnerOptions, place: RunPlace) -> Invocation:
        """Return the command; a package script keeps all its other parts."""
        options = _narrowed(suite, options)
        asked = self._asked(options)
        own = [*self._reporters(options), *self._private(suite, options, place)]
        if options.keep_going and not _bails(options.arguments):
            own.append("--bail=0")
        told = told_of(suite, place)
        env: dict[str, str | None] = {"SEATRIAL_REPORT": str(place.report), **told.env}
        if suite.command is None:
            chosen = targets(suite.targets, options.arguments, suite.folder)
            argv = (self.name, *self._once(()), *chosen, *own, *asked)
            display = shlex.join((self.name, *self._once(()), *chosen, *asked))
            return Invocation(argv, suite.folder, env, display, told.files)
        if suite.command[:2] == ("npm", "run"):
            env["npm_lifecycle_event"] = suite.command[2]
        text = shell_text(suite.command, scripts(suite.folder))
        replaced = bool(naming(options.arguments, suite.folder))

        def edit(words: Sequence[Word], more: Sequence[str] = (*own, *asked)) -> Sequence[str]:
            gone = naming([word.text for word in words], suite.folder) if replaced else []
            if options.keep_going:
                gone += _bails([word.text for word in words])
            kept = [w.raw for i, w in enumerate(words) if i not in gone and w.raw not in _WATCHING]
            once = self._once(kept)
            return [*once, *kept, *map(shlex.quote, more)]

        spliced = edited(text, (self.name,), edit)
        shown = edited(text, (self.name,), lambda words: edit(words, asked))
        if spliced is None or shown is None:
            shown = spliced = shlex.join((*suite.command, *asked))
        return Invocation(("sh", "-c", spliced), suite.folder, env, shown, told.files)

    def reader(self, suite: Suite) -> Reader:
        """Return a fresh reader."""
        text: TextParser = VitestText() if self.name == "vitest" else JestText()
        return ReportReader(text)

    def alone(self, suite: Suite, test: TestResult) -> tuple[str, ...]:
        """Return the file and a pattern of the test's full name."""
        file, pattern = _place(test)
        return (file, "-t", f"{pattern}$") if pattern else (file,)

    def _once(self, words: Sequence[str]) -> tuple[str, ...]:
        if self.name != "vitest" or (words and words[0] in _VITEST_ONCE):
            return ()
        return ("run",)

    def _asked(self, options: RunnerOptions) -> tuple[str, ...]:
        words: list[str] = []
        if options.keyword:
            words += ["-t", options.keyword]
        if options.first_failure:
            words.append("--bail=1")
        return (*words, *options.arguments)

    def _reporters(self, options: RunnerOptions) -> list[str]:
        if self.name == "jest":
            return ["--reporters=default", f"--reporters={_REPORTERS / 'jest.cjs'}"]
        # A reporter on the command line replaces vitest's own choice, which differs under an agent.
        shown = "verbose" if options.verbose else "default"
        return [f"--reporter={shown}", f"--reporter={_REPORTERS / 'vitest.mjs'}"]

    def _private(self, suite: Suite, options: RunnerOptions, place: RunPlace) -> list[str]:
        if options.coverage and not coverage.lacking(suite):
            return coverage.words(self.name, place.scratch, few=bool(options.only))
        folder = place.scratch / "coverage"
        if self.name == "jest":
            return [f"--coverageDirectory={folder}"]
        return [f"--coverage.reportsDirectory={folder}"]


def _bails(words: Sequence[str]) -> list[int]:
    """Return the positions of ``words`` that say after how many failures to stop."""
    found = [i for i, word in enumerate(words) if re.fullmatch(r"(--bail|-b)(=.*)?", word)]
    values = [i + 1 for i in found if "=" not in words[i] and words[i + 1 : i + 2]]
    return [*found, *(i for i in values if words[i].isdigit())]


def _place(test: TestResult) -> tuple[str, str]:
    """Return the file of a test, and a pattern of its full name; none for a whole file."""
    file, *names = _NUMBERED.sub("", test.id).split(" > ")
    return file, re.sub(r"([.*+?^${}()|\[\]\\])", r"\\\1", " ".join(names))


def _narrowed(suite: Suite, options: RunnerOptions) -> RunnerOptions:
    """Return ``options`` with the tests that are to run again as files and a pattern of names.

    All tests run where that is of no use: a file is gone, or failed before it had any test.
    """
    places = [_place(test) for test in options.only]
    files = dict.fromkeys(file for file, _ in places)
    whole = not all(pattern for _, pattern in places)
    if not places or whole or not all((suite.folder / file).is_file() for file in files):
        return options
    names = f"(?:{'|'.join(dict.fromkeys(pattern for _, pattern in places))})$"
    if options.keyword:
        names = f"^(?=.*(?:{options.keyword})).*{names}"
    own = () if naming(options.arguments, suite.folder) else tuple(files)
    return replace(options, keyword=names, arguments=(*options.arguments, *own))


VITEST = JavaScriptRunner("vitest")
JEST = JavaScriptRunner("jest")
