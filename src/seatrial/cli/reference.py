"""The pages of the reference that the command line itself is the source of."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from seatrial import errors
from seatrial.cli.app import VERBS, app

_CODES = (
    (errors.EXIT_GOOD, "good"),
    (errors.EXIT_FAILED, "tests failed, or a suite among others has none"),
    (errors.EXIT_USAGE, "usage or configuration: nothing was started"),
    (errors.EXIT_ENVIRONMENT, "an environment could not be had, or would not go"),
    (errors.EXIT_DEADLINE, "a deadline passed"),
    (errors.EXIT_NO_TESTS, "no test exists at all, or none of those that were asked for"),
    (errors.EXIT_INTERRUPTED, "interrupted (SIGINT)"),
    (errors.EXIT_TERMINATED, "terminated (SIGTERM, SIGHUP)"),
)


def command_line() -> str:
    """Return `docs/reference/command-line.md`."""
    context = app.make_context("seatrial", [], resilient_parsing=True)
    lines = ["# Command line", "", "Written by `make docs` from the program itself.", ""]
    lines += ["```text", app.get_help(context), "```", ""]
    for verb in VERBS:
        command = app.get_command(context, verb)
        assert command is not None
        lines += _verb(command, click.Context(command, info_name=verb, parent=context))
    return "\n".join(lines)


def _verb(
    command: click.Command, context: click.Context, words: str = "seatrial", mark: str = "##"
) -> Iterator[str]:
    words = f"{words} {context.info_name}"
    yield f"{mark} `{words}`"
    yield ""
    yield inspect.cleandoc(command.help or "")
    yield ""
    rows = [record for p in command.get_params(context) if (record := p.get_help_record(context))]
    if rows:
        yield "| option | meaning |"
        yield "|---|---|"
        yield from (f"| `{_cell(name)}` | {_cell(text)} |" for name, text in rows)
        yield ""
    if isinstance(command, click.Group):
        for name, part in command.commands.items():
            own = click.Context(part, info_name=name, parent=context)
            yield from _verb(part, own, words, f"{mark}#")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def exit_codes() -> str:
    """Return `docs/reference/exit-codes.md`."""
    order = " → ".join(str(code) for code in errors.PRECEDENCE if code != errors.EXIT_GOOD)
    lines = [
        "# Exit codes",
        "",
        "Written by `make docs` from the program itself. They are the same for all verbs.",
        "",
        "| code | meaning |",
        "|---|---|",
        *(f"| {code} | {meaning} |" for code, meaning in _CODES),
        "",
        f"Where several apply, the first of these wins: {order}.",
        "",
        "An error of seatrial's own ends with 70; its traceback is in a file that it names.",
        "",
        "## The error tree",
        "",
        "```text",
        *(errors.__doc__ or "").partition("::\n\n")[2].partition("\n\nThe codes")[0].splitlines(),
        "```",
        "",
    ]
    return "\n".join(lines)
