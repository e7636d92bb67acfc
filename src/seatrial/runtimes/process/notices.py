"""Things said once in a run, however many environments they are true of."""

from __future__ import annotations

from collections.abc import Callable, Collection

from seatrial import events
from seatrial.composefile.model import ComposeProject
from seatrial.host.clock import Clock
from seatrial.runtimes.process.isolation.base import Address
from seatrial.runtimes.process.keys import ignored


class Notices:
    """Emits each notice once."""

    def __init__(self, emit: Callable[[events.Event], None], clock: Clock) -> None:
        self._emit = emit
        self._clock = clock
        self._said: set[tuple[events.Notice, str]] = set()

    def say(self, notice: events.Notice, subject: str, detail: str = "") -> None:
        """Emit it unless it was said before."""
        if (notice, subject) not in self._said:
            self._said.add((notice, subject))
            self._emit(events.Noticed(self._clock.at(), notice, subject, detail))

    def moved(self, service: str, address: Address, ports: Collection[int]) -> None:
        """Say which of a service's ``ports`` are not the container's."""
        for inside, used in address.moved.items():
            if inside not in ports or inside in address.fixed:
                continue
            self.say(events.Notice.PORT_MOVED, f"{service}:{inside}", f"{address.host}:{used}")

    def project(self, project: ComposeProject) -> None:
        """Say which keys are ignored and which variables were unset."""
        for key, why in ignored(project):
            self.say(events.Notice.KEY_IGNORED, key, why)
        for name, where in project.unset:
            self.say(events.Notice.VARIABLE_UNSET, name, str(where))
