"""Whether a service must be started anew: a hash of all that it was started with."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from seatrial.composefile.model import ComposeService
from seatrial.runtimes.process import laying
from seatrial.runtimes.process.isolation.base import Site
from seatrial.runtimes.process.paths import INSTALLED, Layout
from seatrial.runtimes.process.plan import ServicePlan
from seatrial.runtimes.process.stages import StageBuild

# What says which packages a service runs with.
_MANIFESTS = ("pyproject.toml", "uv.lock", "requirements.txt", "package.json", "package-lock.json")
_PROGRAMS = frozenset(
    (".py", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".tsx", ".sh", ".rb", ".php", ".sql")
)


def fingerprint(one: ServicePlan, site: Site, asked: ComposeService) -> str:
    """Return a hash of all that a service is started with; another one means another process."""
    dressed, address = one.dressed(site), site.addresses[one.name]
    parts = (
        *(one.how, asked.image, asked.command, asked.entrypoint, one.stop_signal),
        *(dressed.argv, dressed.probe, sorted(dressed.env.items())),
        *(one.layout, one.data, one.files, address.host, sorted(address.ports.items())),
    )
    digest = hashlib.sha256(repr(parts).encode())
    for path in (one.toolchain / name for name in _MANIFESTS) if one.toolchain else ():
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    if not any(mount.kind == "bind" for mount in asked.volumes):
        # Mounted sources are live; what an image would have a copy of is run as it was.
        for path in _sources(one.layout):
            digest.update(os.fsencode(path) + path.read_bytes())
    for needed in one.builds:
        for text in _inputs(needed.build):
            digest.update(text.encode())
    return digest.hexdigest()


def _sources(layout: Layout) -> Iterator[Path]:
    """Yield the files of a service's folder that are programs, not what it writes there."""
    tops = [layout.folder] if layout.folder else [host for _, host in layout.links]
    waiting = list(tops)
    while waiting:
        path = waiting.pop()
        if path.is_dir() and path.name not in INSTALLED and not path.name.startswith("."):
            waiting.extend(sorted(child for child in path.iterdir() if not child.is_symlink()))
        elif path.suffix in _PROGRAMS and path.is_file():
            yield path


def _inputs(build: StageBuild) -> Iterator[str]:
    """Yield a hash of the files that each line of a build, and of those before it, starts from."""
    for origin in build.origins:
        yield from _inputs(origin)
    for line in build.lines:
        # What another stage makes is told by that stage's own files.
        own = [entry for entry in line.sources if entry.host.is_relative_to(build.context)]
        yield laying.fingerprint(laying.sources(build, own, {}))
