"""The seam between those who run a folder's programs and what installs them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A folder's installed environment: ``env`` makes its programs the first to be found.

    ``home`` is where it stands (a virtual environment, the folder of ``node_modules``); ``kind`` is
    ``uv``, ``pip``, ``npm`` or ``none`` (a folder that asks for nothing). ``env`` is an overlay:
    ``None`` removes a name, such as the PYTHONHOME of whoever started us. ``fingerprint`` is a hash
    of what is installed there. ``search`` are folders that Python looks for modules in first.
    """

    folder: Path
    kind: str
    home: Path | None = None
    env: Mapping[str, str | None] = field(default_factory=dict)
    fingerprint: str = ""
    search: tuple[Path, ...] = ()

    def searched(self, env: Mapping[str, str | None]) -> dict[str, str | None]:
        """Return ``env`` with ``search`` first in its PYTHONPATH."""
        if not self.search:
            return dict(env)
        there = env.get("PYTHONPATH")
        path = os.pathsep.join([*map(str, self.search), *([there] if there else [])])
        return {**env, "PYTHONPATH": path}


class Toolchains(Protocol):
    """All toolchains of one run."""

    async def ready(self, folder: Path) -> Toolchain:
        """Install what the folder's lock file asks for, once per run, and keep it still.

        From here to the end of the run no other run may change it. Emits the ``sync`` phase where
        something was to be done. Raises ``ConfigError`` where the files are wrong (a lock file out
        of date), ``RuntimeMissing`` where the installer is missing or failed.
        """
