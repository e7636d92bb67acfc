"""``seatrial release plan``, ``build`` and ``push``."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from seatrial.cli.options import Surroundings, surroundings
from seatrial.errors import EXIT_GOOD

if TYPE_CHECKING:
    from seatrial.model.project import Project
    from seatrial.release.gather import Gathered
    from seatrial.release.push import Happened
    from seatrial.release.session import Call

F = TypeVar("F", bound=Callable[..., Any])
_FILE = click.Path(dir_okay=False, path_type=Path)


def _shared(function: F) -> F:
    """Give a command the options that all three have."""
    for option in reversed(
        (
            click.option(
                "--tag",
                metavar="TAG",
                help="The git tag to release: v1.2.3, v1.2.3-rc.1, or SERVICE/v1.2.3 for one "
                "service; the tag at HEAD without it, and in CI the one that started the workflow.",
            ),
            click.option(
                "--registry",
                default="",
                metavar="HOST[/PATH]",
                help="Where images go; else REGISTRY, deploy/prod/.env or seatrial.toml say it.",
            ),
            click.option(
                "--rebuild", is_flag=True, help="Build unchanged images, too: on newer base images."
            ),
            click.option(
                "--force",
                multiple=True,
                type=click.Choice(["dirty", "untested", "overwrite"]),
                help="Go on in spite of: a dirty work tree, no proof of tests, a version that the "
                "registry has already.",
            ),
            click.option(
                "--notes",
                type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
                help="Write notes, made of the commits since the last release, to a file; - prints "
                "them in the place of the rest.",
            ),
            click.option("--output", type=click.Choice(["text", "json"]), default="text"),
        )
    ):
        function = option(function)
    return function


_tested = click.option(
    "--tested",
    default="",
    metavar="REASON",
    help="Somebody else tested this commit, and how that is known; it is kept in the record.",
)
_verbose = click.option("-v", "--verbose", is_flag=True, help="Show what the builder says.")


@click.group(name="release", short_help="Build, tag and push the images of a version.")
def command() -> None:
    """Release the images of the repository as a version.

    A tag of git is the version. Unchanged images get another tag, changed ones are built.
    """


@command.command(name="plan")
@_shared
@click.option("--bake", is_flag=True, help="Print the bake file that builds the images.")
@click.option("--matrix", is_flag=True, help="Print the images to build as a workflow's matrix.")
@click.option("--offline", is_flag=True, help="Leave the registry alone; plan from git.")
def plan(**given: Any) -> int:
    """Say what a push would do, image by image, and why; touch nothing.

    The tag need not be there yet. Where no service has an image, that is said and no fault.
    """
    from seatrial.release import session
    from seatrial.render.release import no_image_line, plan_json, plan_lines

    around = surroundings()
    planned = session.plan(_call(around, given, new_tag=True, ask=not given["offline"]))
    root = str(around.root)
    if _notes(planned.gathered, given["notes"]):
        return EXIT_GOOD
    if given["bake"]:
        click.echo(planned.bake, nl=False)
    elif given["matrix"]:
        from seatrial.render.ci import images_line

        if not planned.gathered.plan.images:
            click.echo(no_image_line(planned.gathered.plan), err=True)
        click.echo(images_line(planned.gathered.plan))
    elif given["output"] == "json":
        click.echo(plan_json(planned.gathered, planned.builder, root))
    else:
        _echo(plan_lines(planned.gathered.plan, planned.builder, root))
    return EXIT_GOOD


@command.command(name="build")
@_shared
@_tested
@_verbose
def build(**given: Any) -> int:
    """Build the images that changed into the engine; push nothing."""
    from seatrial.release import session
    from seatrial.render.release import built_json, built_lines

    around = surroundings()
    built = session.build(_call(around, given, word=given["tested"], verbose=given["verbose"]))
    if _notes(built.gathered, given["notes"]):
        return EXIT_GOOD
    done = built.gathered.plan
    if given["output"] == "json":
        click.echo(built_json(done, built.ids))
    else:
        _echo(built_lines(done, built.ids, str(around.root)))
    return EXIT_GOOD


@command.command(name="push")
@_shared
@_tested
@_verbose
@click.option(
    "--attest",
    type=click.Choice(["auto", "require", "none"]),
    default="auto",
    show_default=True,
    help="Attach an SBOM and provenance where the builder can, or fail where it cannot.",
)
@click.option(
    "--only",
    metavar="IMAGE",
    default="",
    help="Push this image alone, as its version: a push without --only finds it, and tags all.",
)
@click.option("--record", type=_FILE, help="Write the record of the release to this file, too.")
def push(**given: Any) -> int:
    """Build what changed, push it, and let the version's tags point to it.

    Tags such as latest move last, when every image is there. A push that was broken off left them
    alone, and goes on where it ended when it is called again.
    """
    from seatrial.release import session
    from seatrial.release.record import write
    from seatrial.render.release import pushed_lines, record_json

    around = surroundings()
    call = _call(
        around, given, word=given["tested"], attest=given["attest"], verbose=given["verbose"]
    )
    record, gathered, file = session.push(call)
    if given["record"]:
        write(record, given["record"])
    if _notes(gathered, given["notes"]):
        return EXIT_GOOD
    if given["output"] == "json":
        click.echo(record_json(record))
    else:
        _echo(pushed_lines(record, str(given["record"] or file)))
    return EXIT_GOOD


def _call(
    around: Surroundings,
    given: dict[str, Any],
    *,
    word: str = "",
    attest: str = "auto",
    new_tag: bool = False,
    ask: bool = True,
    verbose: bool = False,
) -> Call:
    from seatrial.release.gather import Order
    from seatrial.release.session import Call

    order = Order(
        root=around.root,
        config=around.config,
        environment=around.environment,
        tag=_tag(given["tag"]),
        registry=given["registry"],
        only=given.get("only", ""),
        rebuild=given["rebuild"],
        force=frozenset(given["force"]),
        new_tag=new_tag,
        ask=ask,
    )
    return Call(order, around.folders, _project(around), word, attest, hear=_teller(verbose))


def _tag(given: str | None) -> str:
    """Return the tag that is meant; empty where it is the one at HEAD."""
    if given is not None:
        from seatrial.release.version import parse_tag

        return parse_tag(given).name
    if os.environ.get("GITHUB_REF_TYPE") == "tag":
        return os.environ.get("GITHUB_REF_NAME", "")
    return ""


def _project(around: Surroundings) -> Project | None:
    from seatrial.errors import NoTests

    try:
        return around.project()
    except NoTests:
        return None


def _teller(verbose: bool) -> Callable[[Happened], None]:
    from seatrial.release.push import What
    from seatrial.render.release import happened_text

    def tell(fact: Happened) -> None:
        if verbose or fact.what is not What.SAID:
            click.echo(happened_text(fact), err=True)

    return tell


def _notes(gathered: Gathered, path: Path | None) -> bool:
    """Write the notes; return whether they are all that is to be printed."""
    if path is None:
        return False
    import time

    from seatrial.host.files import write_atomically
    from seatrial.release.notes import notes

    made = gathered.plan
    date = time.strftime("%Y-%m-%d", time.gmtime(made.asked.created))
    found = gathered.commits()
    text = notes(made.asked.tag, made.previous, found, date, shallow=made.asked.shallow)
    if str(path) == "-":
        click.echo(text, nl=False)
        return True
    write_atomically(path, text)
    return False


def _echo(lines: list[str]) -> None:
    for line in lines:
        click.echo(line)
