"""pytest 7 and newer, through the plugin in ``injected/pytest_plugin``."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from seatrial.errors import RuntimeMissing, Where
from seatrial.model.project import Suite
from seatrial.model.result import TestResult
from seatrial.runners.base import Invocation, Reader, RunnerOptions, RunPlace
from seatrial.runners.reading import ReportReader
from seatrial.runners.script import Word, edited, is_plain, shell_text
from seatrial.runners.sharing import Told, file_of, told_of
from seatrial.runners.text import PytestText
from seatrial.runners.words import naming, targets

PLUGIN_FOLDER = Path(__file__).parent.parent / "injected" / "pytest_plugin"
_PLUGIN = ("-p", "seatrial_report")
_PROGRAMS = ("pytest", "py.test")
# Options that live on what an earlier run left in the project's own cache.
_REMEMBERING = [
    "--lf",
    "--last-failed",
    "--ff",
    "--failed-first",
    "--nf",
    "--new-first",
    "--sw",
    "--stepwise",
    "--cache-show",
]
_NO_TESTS, _USAGE = 5, 4
# So many ids are shown in a command.
_FEW = 3


class PytestRunner:
    """Starts the suite's own pytest, or whatever command the user has for it."""

    name = "pytest"

    def invocation(self, suite: Suite, options: RunnerOptions, place: RunPlace) -> Invocation:
        """Return the command. Raises ``RuntimeMissing`` where the environment has no pytest."""
        asked = _asked(suite, options)
        env: dict[str, str | None] = {
            "SEATRIAL_REPORT": str(place.report),
            "PYTHONPATH": _joined(str(PLUGIN_FOLDER), place.env.get("PYTHONPATH")),
            "COVERAGE_FILE": str(place.scratch / "coverage-data"),
        }
        told = _told(suite, options, place)
        env |= told.env
        private = [*_PLUGIN, *told.words, *_private(options, place)]
        if suite.command is None:
            _must_have_pytest(suite, place)
            chosen = targets(suite.targets, options.arguments, suite.folder)
            argv = ("pytest", *private, *asked, *chosen)
            named = _named(options.only) or chosen
            display = shlex.join(("pytest", *named, *asked, *told.shown))
            return Invocation(argv, suite.folder, env, display, told.files)
        text = shell_text(suite.command, {})
        replaced = bool(naming(options.arguments, suite.folder))

        def edit(words: Sequence[Word], more: Sequence[str] = (*private, *asked)) -> Sequence[str]:
            gone = naming([word.text for word in words], suite.folder) if replaced else []
            kept = [word.raw for index, word in enumerate(words) if index not in gone]
            return [*kept, *map(shlex.quote, more)]

        spliced = edited(text, _PROGRAMS, edit)
        if spliced is None:
            # make, tox, a script: whatever pytest they start hears of us by its environment.
            added = shlex.join((*private, *asked))
            env["PYTEST_ADDOPTS"] = f"{place.env.get('PYTEST_ADDOPTS') or ''} {added}".strip()
            env["SEATRIAL_ADDOPTS"] = added
            shown = shlex.join(suite.command)
            return Invocation(suite.command, suite.folder, env, shown, told.files)
        argv = tuple(shlex.split(spliced)) if is_plain(spliced) else ("sh", "-c", spliced)
        shown = edited(text, _PROGRAMS, lambda words: edit(words, (*asked, *told.shown))) or text
        return Invocation(argv, suite.folder, env, shown, told.files)

    def reader(self, suite: Suite) -> Reader:
        """Return a fresh reader."""
        return ReportReader(PytestText(), none=_NO_TESTS, usage=_USAGE)

    def alone(self, suite: Suite, test: TestResult) -> tuple[str, ...]:
        """Return the node id."""
        return (test.id,)


def _told(suite: Suite, options: RunnerOptions, place: RunPlace) -> Told:
    """Return what pytest is told of its share, and of the tests that are to run again."""
    if not options.only:
        return told_of(suite, place)
    # Workers would cost more than these few tests.
    told = told_of(replace(suite, workers=0), place)
    path = place.scratch / "only.json"
    # Of what the user did not ask for nobody can say that it is gone.
    strict = bool(naming(options.arguments, suite.folder))
    text = json.dumps({"tests": [test.id for test in options.only], "strict": strict})
    words = ("-p", "seatrial_only", f"--seatrial-only={path}")
    return replace(told, words=(*told.words, *words), files={**told.files, path: text})


def _named(only: Sequence[TestResult]) -> tuple[str, ...]:
    """Return what a person would type for the tests to run again: their ids, of many the files."""
    files = dict.fromkeys(file_of(PytestRunner.name, test.id) for test in only)
    return tuple(files) if len(only) > _FEW else tuple(test.id for test in only)


def _asked(suite: Suite, options: RunnerOptions) -> tuple[str, ...]:
    """Return what a person would type behind ``pytest``."""
    words: list[str] = []
    if suite.integration_option and "--integration" not in options.arguments:
        words.append("--integration")
    if options.keyword:
        words += ["-k", options.keyword]
    if options.first_failure:
        words.append("-x")
    if options.verbose:
        words.append("-v")
    return (*words, *options.arguments)


def _private(options: RunnerOptions, place: RunPlace) -> list[str]:
    """Return what keeps runs that go on at once out of each other's files."""
    words = [f"--color={'yes' if options.color else 'no'}", f"--basetemp={place.scratch / 'tmp'}"]
    if options.keep_going:
        words.append("--maxfail=0")
    if not any(word in _REMEMBERING for word in options.arguments):
        words += ["-o", f"cache_dir={place.scratch / 'pytest-cache'}"]
    return words


def _joined(first: str, rest: str | None) -> str:
    return f"{first}{os.pathsep}{rest}" if rest else first


def _must_have_pytest(suite: Suite, place: RunPlace) -> None:
    home = place.env.get("VIRTUAL_ENV")
    if home and not (Path(home) / "bin" / "pytest").exists():
        raise RuntimeMissing(
            f"pytest is not installed in the environment of {suite.folder}",
            where=Where(suite.folder / "pyproject.toml"),
            mend='add it to the dependency group "dev", for instance with `uv add --dev pytest`',
        )
