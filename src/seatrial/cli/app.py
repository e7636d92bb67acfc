"""The command ``seatrial``: its verbs, each imported when it is called, and what errors become."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from errno import EDQUOT, ENOSPC
from pathlib import Path

import click

from seatrial import __version__
from seatrial.errors import (
    EXIT_ENVIRONMENT,
    EXIT_INTERRUPTED,
    EXIT_USAGE,
    EnvironmentFailure,
    SeatrialError,
    UsageError,
    Where,
)

# A verb, the module that has it as ``command``, and what ``--help`` says of it. Written here too,
# so that ``--help`` need not import the verbs.
VERBS: Mapping[str, tuple[str, str]] = {
    "new": ("seatrial.cli.new", "Make a repository of services, with tests and environments."),
    "add": ("seatrial.cli.add", "Add a service to the repository and to all its environments."),
    "init": ("seatrial.cli.init", "Put tests around a repository that is there already."),
    "update": ("seatrial.cli.update", "Bring a newer scaffold in, and keep what you have changed."),
    "test": ("seatrial.cli.test", "Run the unit, service and integration tests."),
    "report": ("seatrial.cli.report", "List the runs so far, or show one of them again."),
    "slow": ("seatrial.cli.slow", "Say where the time of a run went, and why tests are slow."),
    "up": ("seatrial.cli.up", "Bring up dev, test or prod, and wait until all is ready."),
    "down": ("seatrial.cli.down", "Take an environment down; its data stays."),
    "ps": ("seatrial.cli.ps", "Show the services of an environment."),
    "logs": ("seatrial.cli.logs", "Show what the services of an environment wrote."),
    "exec": ("seatrial.cli.exec", "Run a command in a service."),
    "env": ("seatrial.cli.env", "Print where the services of an environment are reached."),
    "deploy": ("seatrial.cli.deploy", "Bring a version to prod, and go back where it fails."),
    "lint": ("seatrial.cli.lint", "Find and mend what is not true to the pattern."),
    "ci": ("seatrial.cli.ci", "Print the jobs that a change needs; keep the workflows true."),
    "release": ("seatrial.cli.release", "Build, tag and push the images of a version."),
    "gc": ("seatrial.cli.gc", "Remove what runs that were killed have left behind."),
    "doctor": ("seatrial.cli.doctor", "Say what this machine has, and what is missing costs."),
    "mcp": ("seatrial.cli.mcp", "Serve the Model Context Protocol, for coding agents."),
    "schema": ("seatrial.cli.schema", "Print the JSON Schema of seatrial.toml."),
    "completion": ("seatrial.cli.completion", "Print the shell's completion script."),
}


class Verbs(click.Group):
    """A group that imports a verb only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order in which a newcomer needs them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a verb, imported."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(VERBS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest verb where there is no such one, as git does."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], VERBS, n=1)
            guess = f"did you mean {near[0]!r}? " if near else ""
            verbs = ", ".join(VERBS)
            raise UsageError(f"no verb is called {args[0]!r}", mend=f"{guess}there are: {verbs}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of verbs from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb, text) for verb, (_, text) in VERBS.items()])


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 good, 1 tests failed, 2 usage or configuration, 3 no environment, "
    "4 deadline, 5 no tests, 130/143 interrupted.",
)
@click.version_option(__version__, "-V", "--version", message="seatrial %(version)s")
@click.option(
    "-C",
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Run as if started in DIR.",
)
def app(folder: Path | None) -> None:
    """Take a repository of services through its unit, service and integration tests."""
    if folder is not None:
        os.chdir(folder)


def run(arguments: Sequence[str]) -> int:
    """Run the command line; return the exit code. No traceback reaches the user."""
    try:
        code = app.main(args=list(arguments), prog_name="seatrial", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Abort:
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except SeatrialError as error:
        _show(error)
        return error.exit_code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left, as `| head` does: nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        _show(_of_the_system(error))
        return EXIT_ENVIRONMENT
    except Exception:
        from seatrial.cli.crash import report

        return report()


def _of_the_system(error: OSError) -> EnvironmentFailure:
    """Return what the operating system refused as an error of the surroundings, which it is."""
    what = (error.strerror or str(error)).lower()
    where = Where(Path(str(error.filename))) if error.filename else None
    mend = "make room on the disk" if error.errno in (ENOSPC, EDQUOT) else "see `seatrial doctor`"
    return EnvironmentFailure(f"the system refused: {what}", where=where, mend=mend)


def _show(error: SeatrialError) -> None:
    from seatrial.model.result import Problem
    from seatrial.render.text import problem_lines

    for line in problem_lines(Problem.of(error)):
        click.echo(line, err=True)
