"""Runs the set-up commands of a fresh environment."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from seatrial.errors import EnvironmentFailure
from seatrial.events import Phase, PhaseFinished, PhaseStarted
from seatrial.planning.plan import PlannedEnvironment
from seatrial.runtimes.base import RunContext

# Lines of a command's output that are shown where it fails.
_LINES = 20


async def run_setup(
    planned: PlannedEnvironment, exports: Mapping[str, str], context: RunContext
) -> None:
    """Run an environment's set-up commands, in order.

    Raises ``EnvironmentFailure`` with the command's last lines where one ends with another code
    than 0.
    """
    for command in planned.setup:
        shown = shlex.join(command.argv)
        began = context.clock.at()
        context.emit(PhaseStarted(began, Phase.SETUP, shown, planned.key))
        toolchain = await context.toolchains.ready(command.folder)
        env = {**toolchain.env, **exports}
        if toolchain.search:
            env = toolchain.searched(context.processes.merged(env))
        done = await context.processes.run(
            command.argv,
            cwd=command.folder,
            env=env,
            timeout=planned.boot_timeout,
        )
        now = context.clock.at()
        context.emit(PhaseFinished(now, Phase.SETUP, shown, now - began, planned.key, done.ok))
        if not done.ok:
            raise EnvironmentFailure(
                f"the set-up command {shown!r} of {planned.key} ended with {done.code}",
                mend="run it by hand with `seatrial test --keep` and `seatrial env`",
                detail=tuple((done.out + done.err).splitlines()[-_LINES:]),
            )
