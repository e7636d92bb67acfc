"""The builder of images that buildx has chosen: what it can do, and one bake with it."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.errors import EnvironmentFailure, RuntimeMissing
from seatrial.host.files import write_atomically
from seatrial.host.processes import Child, Overlay, Processes
from seatrial.model.redact import Redactor

_ANSWER = 20.0
_LAST_LINES = 30
_DRIVER = re.compile(r"^Driver:\s+(\S+)", re.MULTILINE)
_NAME = re.compile(r"^Name:\s+(\S+)", re.MULTILINE)
_ENGINES_OWN = "docker"
_PUSHING = " pushing "
_SNAPSHOTTER = "io.containerd.snapshotter"
_QUIET: Overlay = {
    "BUILDKIT_PROGRESS": "plain",
    "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",
    # What the file reads is what the repository's own compose file says.
    "BUILDX_BAKE_ENTITLEMENTS_FS": "0",
    "BUILDX_METADATA_PROVENANCE": "disabled",
    "DOCKER_CLI_HINTS": "false",
}


@dataclass(frozen=True, slots=True)
class Builder:
    """A builder; ``attests`` says whether it can attach provenance and an SBOM to an image.

    The engine's own can do that where images lie in the store of containerd.
    """

    name: str
    driver: str
    attests: bool

    @property
    def retimes(self) -> bool:
        """Return whether it can give the files of an image a time; an engine's own cannot."""
        return self.driver != _ENGINES_OWN


async def builder(processes: Processes) -> Builder:
    """Return the builder that buildx has chosen.

    Raises ``RuntimeMissing`` where there is no docker, no buildx or no engine.
    """
    if processes.find("docker") is None:
        raise RuntimeMissing("there is no docker CLI here", mend="install Docker with buildx")
    said = await processes.run(("docker", "buildx", "inspect"), env=_QUIET, timeout=_ANSWER)
    driver = _DRIVER.search(said.out)
    if not said.ok or driver is None or "Error:" in said.out:
        raise RuntimeMissing(
            "docker buildx has no builder that answers",
            mend="start the engine; install the plugin buildx; `docker buildx ls` lists builders",
            detail=tuple((said.err or said.out).strip().splitlines()[-3:]),
        )
    name = _NAME.search(said.out)
    attests = driver[1] != _ENGINES_OWN or await _in_containerd(processes)
    return Builder(name[1] if name else "default", driver[1], attests)


async def _in_containerd(processes: Processes) -> bool:
    words = ("docker", "info", "--format", "{{json .DriverStatus}}")
    said = await processes.run(words, timeout=_ANSWER)
    return said.ok and _SNAPSHOTTER in said.out


async def bake(
    processes: Processes,
    root: Path,
    file: Path,
    text: str,
    created: int,
    on_line: Callable[[str], None],
    redact: Redactor,
    while_pushing: Callable[[], Awaitable[None]] | None = None,
) -> dict[str, str]:
    """Build all that the bake file ``text`` says; return the digest of each target.

    The text is written to ``file`` and stays there, to be looked at. ``created`` is the time that
    images and their files are given, in seconds since the epoch. ``while_pushing`` is begun with
    the first push, and ends all by what it raises. Raises ``EnvironmentFailure`` with the last
    lines of a build or push that failed.
    """
    write_atomically(file, text)
    metadata = file.with_name(f"{file.stem}.built.json")
    metadata.unlink(missing_ok=True)
    last: deque[str] = deque(maxlen=_LAST_LINES)
    pushing = asyncio.Event()

    def heard(line: str) -> None:
        line = redact(line)
        last.append(line)
        on_line(line)
        if _PUSHING in line:
            pushing.set()

    words = ("docker", "buildx", "bake", "-f", str(file), "--metadata-file", str(metadata))
    child = await processes.start(
        words, cwd=root, env={**_QUIET, "SOURCE_DATE_EPOCH": str(created)}, on_line=heard
    )
    try:
        code = await _ended(child, pushing, while_pushing)
    finally:
        if child.returncode is None:
            await child.end()
        processes.forget(child)
    if code:
        raise EnvironmentFailure(
            "the images could not be built or pushed",
            mend="see the lines above",
            detail=tuple(line for line in last if line.strip()),
        )
    return _digests(json.loads(metadata.read_text()))


async def _ended(
    child: Child, pushing: asyncio.Event, while_pushing: Callable[[], Awaitable[None]] | None
) -> int:
    """Return the code of ``child``; what ``while_pushing`` raises is raised before it ends."""

    async def beside() -> None:
        await pushing.wait()
        if while_pushing is not None:
            await while_pushing()

    end, guard = asyncio.ensure_future(child.wait()), asyncio.ensure_future(beside())
    try:
        await asyncio.wait((end, guard), return_when=asyncio.FIRST_COMPLETED)
        if guard.done():
            guard.result()
        return await end
    finally:
        for task in (end, guard):
            task.cancel()
        await asyncio.gather(end, guard, return_exceptions=True)


def _digests(metadata: Mapping[str, Any]) -> dict[str, str]:
    return {
        target: str(facts.get("containerimage.digest") or "")
        for target, facts in metadata.items()
        if isinstance(facts, dict)
    }
