"""Has the next version of a service prove itself where nobody reaches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seatrial.composefile.model import ComposeService
from seatrial.deploy.base import Ground
from seatrial.deploy.compose.files import TRIAL, Files
from seatrial.deploy.compose.gate import Gate
from seatrial.deploy.compose.model import Placed
from seatrial.deploy.compose.plan import data_of, is_in_the_open


def is_needed(service: ComposeService, there: Sequence[Placed]) -> bool:
    """Return whether it can, and has not yet.

    It cannot where it would share data, an address or ports with the old one; and it has where it
    proved itself before a deployment was broken off.
    """
    proved = sum(one.current and one.runs for one in there) >= service.replicas
    shared = data_of(service) or is_in_the_open(service) or any(one.addresses for one in there)
    return not (shared or proved)


async def hold(
    ground: Ground, files: Files, gate: Gate, images: Mapping[str, str], service: ComposeService
) -> None:
    """Run it as a one-off container, without port and name, until it is good and has stayed so.

    Raises what the gate raises, and ``EnvironmentFailure`` where it does not start.
    """
    project = ground.found.request.project
    container = f"{project}-{service.name}-trial"
    words = ("run", "--detach", "--no-deps", "--no-TTY", "--name", container)
    label = ("--label", f"{TRIAL}={project}")
    try:
        what = f"{service.name} could not be started"
        done = await files.done(what, images, *words, *label, service.name)
        await gate.passed(service, done.out.split()[-1:])
        await ground.docker.run("stop", container)
    finally:
        await ground.docker.run("rm", "--force", "--volumes", container)
