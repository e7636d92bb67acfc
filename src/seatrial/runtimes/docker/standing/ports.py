"""Host ports that an environment wants and somebody else has: which, who, and what moves them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seatrial.composefile.model import ComposeProject, Port
from seatrial.errors import EnvironmentFailure
from seatrial.host.ports import holder, is_taken
from seatrial.model.environment import EnvironmentRequest
from seatrial.runtimes.docker.cli import Docker
from seatrial.runtimes.docker.standing.look import ROOT, Stood

_SAID = re.compile(
    r"(?:Bind for|bind host port(?: for)?|listen tcp\d?:?) (?:\[[^\]]*\]|[\d.]*):(\d+)"
)
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")
# An entry in the long form has its `published:` within so many lines.
_ENTRY = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fixed host port of a service."""

    service: str
    port: Port
    number: int


async def check(
    docker: Docker,
    request: EnvironmentRequest,
    project: ComposeProject,
    services: Iterable[str],
    own: Iterable[Stood],
) -> None:
    """Raise ``EnvironmentFailure`` where somebody else has a port.

    Only for an engine on this machine: the machine's own ports are looked at.
    """
    held = {b.host_port for one in own for b in one.container.bindings}
    taken = [
        want
        for want in wanted(project, services)
        if want.number not in held
        and want.port.protocol == "tcp"
        and is_taken(want.port.host_ip or "", want.number)
    ]
    if taken:
        raise await failure(docker, request, taken)


def said(text: str, project: ComposeProject, services: Iterable[str]) -> list[Wanted]:
    """Return the wanted ports that the engine could not have, by its own words. Pure."""
    numbers = {int(match[1]) for match in _SAID.finditer(text)}
    return [want for want in wanted(project, services) if want.number in numbers]


def wanted(project: ComposeProject, services: Iterable[str]) -> Iterator[Wanted]:
    """Yield the host ports that are fixed in the files. Pure."""
    for name in services:
        for port in project.services[name].ports:
            if port.published and port.published.isdecimal() and port.published != "0":
                yield Wanted(name, port, int(port.published))


async def failure(
    docker: Docker, request: EnvironmentRequest, taken: list[Wanted]
) -> EnvironmentFailure:
    """Return the error for ports that are ``taken``."""
    told = [
        f"port {want.number} of service {want.service} is taken by {await _who(docker, want)}"
        for want in taken
    ]
    names = [name for want in taken if (name := variable(want.port))]
    env = request.files[0].parent / ".env"
    move = f"set {', '.join(f'{name}=<a free port>' for name in names)} in {env}"
    return EnvironmentFailure(
        "; ".join(told),
        where=taken[0].port.where,
        mend=f"end that, or {move}" if names else "end that, or change ports: in the file",
    )


def variable(port: Port) -> str:
    """Return the variable that says the host port in the file; empty where none does."""
    try:
        lines = port.where.file.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    first, *more = lines[port.where.line - 1 : port.where.line - 1 + _ENTRY] or [""]
    for line in (first, *(one for one in more if "published" in one)):
        if match := _VARIABLE.search(line):
            return match[1]
    return ""


async def _who(docker: Docker, want: Wanted) -> str:
    done = await docker.run(
        *("ps", "--filter", f"publish={want.number}"),
        *("--format", "{{.Names}}\t{{.Label " + f'"{ROOT}"' + "}}"),
    )
    name, _, root = next(iter(done.out.splitlines()), "").partition("\t")
    if name:
        return f"container {name}" + (f" of {root}" if root else "")
    return holder(want.number) or "another program"
