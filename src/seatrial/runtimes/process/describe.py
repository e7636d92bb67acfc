"""A dry run's lines for the process runtime. Reads, starts nothing, takes no address."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seatrial.composefile.load import load
from seatrial.model.environment import EnvironmentRequest, ServiceDetail
from seatrial.runtimes.process.isolation.base import Isolation
from seatrial.runtimes.process.planner import plan
from seatrial.runtimes.process.providers.base import Provider

# Stands for the folder that each boot makes.
_SOMEWHERE = Path("/…")


def describe(
    request: EnvironmentRequest, providers: Sequence[Provider], isolation: Isolation
) -> Sequence[ServiceDetail]:
    """Return how each service would be started, its addresses still open."""
    project = load(request.files, request.variables)
    plans = plan(project, providers, request.variables, _SOMEWHERE)
    site = isolation.preview([one.wanted for one in plans])
    return [one.detail(site) for one in plans]
