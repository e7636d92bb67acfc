"""``seatrial deploy``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from seatrial.cli.environments import asked, complete_environment, progress
from seatrial.cli.options import Surroundings, surroundings
from seatrial.errors import EXIT_GOOD, UsageError

if TYPE_CHECKING:
    from seatrial.deploy.model import DeployPlan, Order
    from seatrial.deploy.session import Outcome
    from seatrial.pipeline.standing import Asked
    from seatrial.render.choose import Choice

_SECONDS = click.FloatRange(min=0, min_open=True)


@click.command(name="deploy", short_help="Bring a version to prod, and go back where it fails.")
@click.argument("environment", metavar="ENV", shell_complete=complete_environment)
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@click.option(
    "--to",
    type=click.Choice(["compose", "swarm"]),
    default="compose",
    help="Compose on one machine, or a stack on a Swarm.",
)
@click.option("--version", "version", default="", metavar="V", help="VERSION of the images.")
@click.option("--registry", default="", metavar="HOST", help="REGISTRY of the images.")
@click.option("--context", metavar="NAME", help="The Docker context whose engine is meant.")
@click.option("--dry-run", is_flag=True, help="Print the whole plan; touch nothing.")
@click.option("--rollback", is_flag=True, help="Go back to what ran before the last deployment.")
@click.option("--force", is_flag=True, help="Replace services that keep data, too.")
@click.option("--take-over", is_flag=True, help="End the claim of a deployment that is dead.")
@click.option("--proxy", is_flag=True, help="Write a proxy for fixed host ports; deploy nothing.")
@click.option(
    "--timeout", type=_SECONDS, help="Seconds until a service is healthy; 120 without it."
)
@click.option(
    "--watch",
    type=click.FloatRange(min=0),
    help="Seconds for which a service must stay healthy; 5 without it.",
)
@click.option(
    "--output",
    type=click.Choice(["auto", "live", "plain", "agent", "json"]),
    default="auto",
    help="How to show the progress.",
)
def command(environment: str, services: tuple[str, ...], **given: Any) -> int:
    """Bring released images to an environment: all its services, or some of them.

    Images are pulled by digest before anything is touched. Migrations run once, then each changed
    service is rolled: its next container is started and watched, and only then the old one ends.
    Where one does not become healthy, all goes back to what ran before.
    """
    from seatrial.deploy.base import NotDeployed
    from seatrial.deploy.session import deploy
    from seatrial.render.choose import Display
    from seatrial.render.deploy import deployed_json, not_deployed_lines, said_before

    around = _around(surroundings(), given)
    if given["proxy"]:
        return _write_proxy(around, environment, services)
    order = _order(environment, services, given)
    choice, renderer = progress(around, given["output"])
    is_json = choice.display is Display.JSON

    def say(plan: DeployPlan) -> None:
        if not is_json:
            _echo(said_before(plan, choice), choice)

    request = _asked(around, order, renderer.event, renderer.tick)
    try:
        outcome = deploy(request, order, say, dry_run=given["dry_run"])
    except NotDeployed as error:
        renderer.close()
        if is_json:
            click.echo(deployed_json(error.plan, error.after, None))
        else:
            _echo(not_deployed_lines(error.plan.before, error.after, choice), choice)
        raise
    finally:
        renderer.close()
    _show(outcome, choice, as_json=is_json)
    return EXIT_GOOD


def _write_proxy(around: Surroundings, environment: str, services: tuple[str, ...]) -> int:
    from seatrial.composefile.lenient import load_leniently
    from seatrial.deploy.compose.proxy import files, fronts
    from seatrial.discover.look import shown
    from seatrial.host.files import write_atomically
    from seatrial.pipeline.standing_request import compose_files_of

    found = compose_files_of(environment, around.root, around.config)
    project = load_leniently(found, around.environment).project
    for path, text in files(project, fronts(project, services)).items():
        write_atomically(path, text)
        click.echo(f"wrote {shown(path, around.root)}")
    click.echo(f"look at them, then: seatrial deploy {environment} --dry-run")
    return EXIT_GOOD


def _show(outcome: Outcome, choice: Choice, *, as_json: bool) -> None:
    from seatrial.render.deploy import deployed_json, deployed_lines, plan_json, plan_lines

    done = outcome.deployed
    if as_json:
        plan = outcome.plan
        click.echo(deployed_json(plan, done.after, done) if done else plan_json(plan))
    else:
        _echo(deployed_lines(done, choice) if done else plan_lines(outcome.plan, choice), choice)


def _around(around: Surroundings, given: dict[str, Any]) -> Surroundings:
    """Return the surroundings with the version, registry and engine that were asked for."""
    environment = dict(around.environment)
    if given["version"]:
        environment["VERSION"] = given["version"]
    if given["registry"]:
        environment["REGISTRY"] = given["registry"]
    if given["context"]:
        environment["DOCKER_CONTEXT"] = given["context"]
        environment.pop("DOCKER_HOST", None)
    return replace(around, environment=environment)


def _order(environment: str, services: tuple[str, ...], given: dict[str, Any]) -> Order:
    from seatrial.deploy.model import TIMEOUT, WATCH, Order, To

    if given["rollback"] and given["version"]:
        raise UsageError(
            "--rollback and --version name two ways back",
            mend="--rollback takes what ran before the last deployment, --version any version",
        )
    watch = given["watch"]
    return Order(
        environment=environment,
        to=To(given["to"]),
        services=services,
        version=given["version"],
        registry=given["registry"],
        timeout=given["timeout"] or TIMEOUT,
        watch=WATCH if watch is None else watch,
        force=given["force"],
        take_over=given["take_over"],
        rollback=given["rollback"],
    )


def _asked(around: Surroundings, order: Order, listener: Any, tick: Any) -> Asked:
    from seatrial.deploy.model import To
    from seatrial.deploy.session import runtime

    request = asked(around, order.environment, {"listener": listener, "tick": tick})
    on_swarm = order.to is To.SWARM
    look = "docker stack ls" if on_swarm else f"seatrial ps {order.environment}"
    return replace(
        request,
        runtime=runtime(),
        timeout=order.timeout,
        interrupted=f"see `{look}` for what runs now; the next deployment starts from there",
    )


def _echo(lines: list[str], choice: Choice) -> None:
    for line in lines:
        click.echo(line, color=choice.colour)
