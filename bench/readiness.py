"""How long after a container's service is ready seatrial knows it: ``python bench/readiness.py``.

The service itself writes down when it begins to listen (or, for a check that asks for a file, when
the file is there). Prints a line for each kind of readiness: median, p95 and worst of the boots.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import uuid
from pathlib import Path

from seatrial.events import Event, ServiceReady
from seatrial.host.clock import Clock
from seatrial.host.ledger import Ledger
from seatrial.host.processes import Processes
from seatrial.host.state import Folders
from seatrial.model.environment import EnvironmentRequest
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.docker.engine import Engine, ask
from seatrial.runtimes.docker.runtime import DockerRuntime
from seatrial.toolchains.sync import SyncedToolchains

BOOTS = 20
SERVER = """
import pathlib, random, socket, time
time.sleep(0.3 + random.random() * 0.4)
{act}
print('READY', repr(time.time()), flush=True)
time.sleep(600)
"""
LISTEN = "listener = socket.create_server(('0.0.0.0', 8000))"
TOUCH = "pathlib.Path('/ready').touch()"
KINDS = {
    "health check over TCP": (
        LISTEN,
        "healthcheck: {test: \"bash -c '</dev/tcp/localhost/8000'\"}",
    ),
    "health check on a file": (TOUCH, "healthcheck: {test: [CMD, test, -f, /ready]}"),
    "published port alone": (LISTEN, 'ports: ["8000"]'),
}


async def main(kinds: list[str]) -> None:
    """Measure each kind."""
    with tempfile.TemporaryDirectory(prefix="seatrial-readiness-") as name:
        for kind in kinds or list(KINDS):
            late = [await one(Path(name), *KINDS[kind]) for _ in range(BOOTS)]
            late.sort()
            p95 = statistics.quantiles(late, n=20)[-1]
            print(
                f"{kind:<24} median {statistics.median(late) * 1000:4.0f} ms"
                f"   p95 {p95 * 1000:4.0f} ms   worst {late[-1] * 1000:4.0f} ms"
            )


async def one(home: Path, act: str, lines: str) -> float:
    """Boot once and return the seconds from the service's word to ours."""
    run = f"r{uuid.uuid4().hex[:8]}"
    (home / "server.py").write_text(SERVER.format(act=act))
    file = home / "docker-compose.yml"
    file.write_text(
        "services:\n  api:\n    image: python:3.13-slim\n    command: python /server.py\n"
        f"    volumes: ['./server.py:/server.py:ro']\n    {lines}\n"
    )
    ledger = Ledger(home / "runs" / f"{run}.ledger", run)
    heard: list[Event] = []
    clock, processes = Clock(), Processes(dict(os.environ), ledger)
    folders = Folders(home / "state", home / "cache", home / "runtime")
    toolchains = SyncedToolchains(processes, clock, heard.append, folders.state, home)
    engine = await ask(processes)
    if not isinstance(engine, Engine):
        sys.exit(f"no engine: {engine.why}")
    context = RunContext(run, processes, ledger, clock, toolchains, heard.append)
    runtime = DockerRuntime(context, engine)
    request = EnvironmentRequest("one", run, home, (file,), run, f"st-{run}", dict(os.environ))
    up = await runtime.boot(request)
    try:
        said = next(line.text for line in await up.logs() if line.text.startswith("READY"))
    finally:
        await up.remove()
        await runtime.close()
        ledger.close(clean=True)
    known = next(event.at for event in heard if isinstance(event, ServiceReady))
    return clock.started + known - float(said.split()[1])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
