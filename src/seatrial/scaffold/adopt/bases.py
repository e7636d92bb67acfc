"""From which public image a compose service comes, built or not."""

from __future__ import annotations

from pathlib import Path

from seatrial.composefile.model import Build, ComposeService
from seatrial.errors import SeatrialError, Where
from seatrial.scaffold.adopt.variables import plain


def image_of(service: ComposeService) -> str:
    """Return the image's name, or that which its Dockerfile begins with; empty if unknown."""
    if service.build is None:
        return plain(service.image or "")
    return "" if service.build.remote is not None else _base(service.build)


def base_of(folder: Path) -> str:
    """Return the public image that the Dockerfile of ``folder`` begins with; empty if unknown."""
    file = folder / "Dockerfile"
    return _base(Build(folder, file, Where(file)))


def _base(build: Build) -> str:
    from seatrial.runtimes.process.dockerfile.reader import read

    try:
        return read(build).base
    except SeatrialError:
        return ""


def has_check(service: ComposeService) -> bool:
    """Return whether its Dockerfile brings a health check."""
    if service.build is None or service.build.remote is not None:
        return False
    from seatrial.runtimes.process.dockerfile.reader import read

    try:
        check = read(service.build).healthcheck
    except SeatrialError:
        return False
    return check is not None and not check.disable
