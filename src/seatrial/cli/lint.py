"""``seatrial lint``."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seatrial.errors import EXIT_FAILED, EXIT_GOOD, ConfigError, UsageError

if TYPE_CHECKING:
    from seatrial.lint.hadolint import Hadolint
    from seatrial.lint.model import Finding, Report, Rule
    from seatrial.lint.run import Beside, Outcome, Request

_FORMATS = ("auto", "text", "agent", "json", "sarif", "github", "junit")


def _words(_context: click.Context, _option: click.Parameter, given: Sequence[str]) -> list[str]:
    return [word.strip() for words in given for word in words.split(",") if word.strip()]


_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(name="lint", short_help="Find and mend what is not true to the pattern.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option("--fix", "mend", is_flag=True, help="Mend what is certain, then report the rest.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and write nothing.")
@click.option(
    "--format",
    "shape",
    type=click.Choice(_FORMATS),
    default="auto",
    show_default=True,
    help="How findings are printed; auto is text, or agent where a coding agent calls.",
)
@click.option("--output", type=_FILE, metavar="FILE", help="Write the findings to FILE.")
@click.option(
    "--select",
    multiple=True,
    metavar="CODES",
    callback=_words,
    help="Only these rules: codes, their beginnings (SEA1) or categories (security).",
)
@click.option(
    "--ignore", multiple=True, metavar="CODES", callback=_words, help="Not these rules either."
)
@click.option(
    "--hadolint/--no-hadolint",
    "hadolint",
    default=None,
    help="Let hadolint look at Dockerfiles too; where it is installed, it does.",
)
@click.option("--baseline", type=_FILE, metavar="FILE", help="Findings in FILE do not count.")
@click.option(
    "--write-baseline",
    "write_baseline",
    type=_FILE,
    metavar="FILE",
    help="Write all findings to FILE, as known.",
)
@click.option("--statistics", is_flag=True, help="Print how often each rule found something.")
@click.option("--explain", metavar="CODE", help="Print what a rule finds, why, and its mend.")
@click.option("--list", "listed", is_flag=True, help="Print all rules.")
def command(paths: tuple[Path, ...], explain: str | None, listed: bool, **given: Any) -> int:
    """Hold the repository, or the files and folders named, to the pattern.

    Looks at compose files, Dockerfiles, workflows, Makefiles, scripts, env files and tests, and at
    the repository as a whole. Ends with 0 where nothing or only notes are found, with 1 where
    errors or warnings are (with --diff: where something would change).
    """
    from seatrial.lint.registry import all_rules

    rules = all_rules()
    if explain is not None:
        return _explain(explain, rules)
    if listed:
        from seatrial.render.lint.listing import rule_lines

        return _print(rule_lines(rules))
    return _lint(paths, rules, given)


def _explain(code: str, rules: Sequence[Rule[Any]]) -> int:
    from seatrial.cli.options import display
    from seatrial.lint.selection import nearest
    from seatrial.render.lint.explain import explain_lines

    rule = next((rule for rule in rules if code.upper() == rule.code or code == rule.name), None)
    if rule is None:
        raise UsageError(f"no rule is called {code!r}", mend=nearest(code, rules))
    colour = display().colour
    return _print(explain_lines(rule, colour=colour), colour)


def _lint(paths: Sequence[Path], rules: Sequence[Rule[Any]], given: dict[str, Any]) -> int:
    from seatrial.lint import fixing
    from seatrial.lint.run import run

    if given["diff"] and given["mend"]:
        raise UsageError("--diff writes nothing and --fix does", mend="give one of the two")
    request = _request(paths, rules, given)
    # All that a run makes lives to its end: looking for garbage takes a third of the time.
    gc.disable()
    try:
        outcome = run(request, rules)
    finally:
        gc.enable()
    if given["write_baseline"]:
        return _write_baseline(given["write_baseline"], outcome)
    if given["diff"]:
        return _show_diff(outcome)
    if given["mend"]:
        fixing.save(outcome.workspace, outcome.fixed)
    _show(outcome.report, request.selection.rules(rules), given)
    return EXIT_FAILED if outcome.report.failed else EXIT_GOOD


def _request(paths: Sequence[Path], rules: Sequence[Rule[Any]], given: dict[str, Any]) -> Request:
    from seatrial.discover import find_root, load_config
    from seatrial.lint.run import Request
    from seatrial.lint.selection import selection

    places = tuple(_absolute(path) for path in paths)
    root = find_root(Path.cwd())
    if places and not any(place.is_relative_to(root) for place in places):
        # Files of another repository are looked at as that one's.
        root = find_root(places[0] if places[0].is_dir() else places[0].parent)
    config = load_config(root)
    baseline = given["baseline"] and Path(given["baseline"]).resolve()
    if baseline is None and config.lint.baseline:
        baseline = root / config.lint.baseline
        if not baseline.exists() and not given["write_baseline"]:
            mend = f"seatrial lint --write-baseline {config.lint.baseline}"
            raise ConfigError(
                f"there is no baseline {config.lint.baseline}", where=config.lint.where, mend=mend
            )
    return Request(
        root,
        config,
        selection(config.lint, given["select"], given["ignore"], rules),
        places,
        None if given["write_baseline"] else baseline,
        given["mend"] or given["diff"],
        _hadolint(
            root, given["hadolint"] if given["hadolint"] is not None else config.lint.hadolint
        ),
    )


def _hadolint(root: Path, wanted: bool | None) -> Beside | None:
    """Return what asks hadolint; raises ``RuntimeMissing`` where it is wanted and not there."""
    if wanted is False:
        return None
    if wanted:
        from seatrial.lint.hadolint import missing

        if _installed(root) is None:
            raise missing()

    def ask(texts: Mapping[str, str]) -> list[Finding]:
        found = _installed(root)
        return found(texts) if found is not None else []

    return ask


@cache
def _installed(root: Path) -> Hadolint | None:
    import sysconfig

    from seatrial.host.processes import Processes
    from seatrial.lint.hadolint import Hadolint, program

    processes = Processes(dict(os.environ))
    found = program(processes, Path(sysconfig.get_path("scripts")))
    return Hadolint(found, processes, root) if found else None


def _absolute(path: Path) -> Path:
    """Return where ``path`` is; a link stays the file that it is in the repository."""
    if path.name in ("", ".."):
        return path.resolve()
    return path.parent.resolve() / path.name


def _write_baseline(file: Path, outcome: Outcome) -> int:
    from seatrial.host.files import write_atomically
    from seatrial.lint.baseline import write
    from seatrial.render.text import plural

    report = outcome.report
    write_atomically(file, write(report.findings, report.sources))
    click.echo(f"{plural(len(report.findings), 'finding')} written to {file}")
    return EXIT_GOOD


def _show_diff(outcome: Outcome) -> int:
    from seatrial.cli.options import display, is_terminal
    from seatrial.render.lint.diff import diff_lines

    colour, hide = display().colour, is_terminal()
    for path, after in outcome.fixed.after.items():
        before = outcome.fixed.before[path]
        _print(diff_lines(Path(path), before, after, colour=colour, hide=hide), colour)
    for kept in outcome.fixed.kept:
        click.echo(f"not fixed: {kept}", err=True)
    return EXIT_FAILED if outcome.fixed.after else EXIT_GOOD


def _show(report: Report, rules: Sequence[Rule[Any]], given: dict[str, Any]) -> None:
    from seatrial.cli.options import display
    from seatrial.render.choose import Display
    from seatrial.render.lint.choose import report_lines

    choice = display()
    shape = given["shape"]
    output: Path | None = given["output"]
    if shape == "auto":
        shape = "agent" if choice.display is Display.AGENT and output is None else "text"
    colour = choice.colour and output is None
    if given["statistics"]:
        from seatrial.render.lint.listing import statistics_lines

        _print(statistics_lines(report))
        return
    lines = report_lines(report, rules, shape, replace(choice, colour=colour))
    if output is None:
        _print(lines, colour)
        return
    from seatrial.host.files import write_atomically
    from seatrial.render.lint.counts import count_line

    write_atomically(output, "".join(f"{line}\n" for line in lines))
    click.echo(f"{count_line(report)}; written to {output}")


def _print(lines: Iterable[str], colour: bool = False) -> int:
    for line in lines:
        click.echo(line, color=colour)
    return EXIT_GOOD
