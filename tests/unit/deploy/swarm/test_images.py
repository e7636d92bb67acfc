"""Whose word on a digest counts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from seatrial.composefile.load import load
from seatrial.deploy.swarm.images import with_digests
from seatrial.errors import DeadlinePassed, EnvironmentFailure
from seatrial.host.processes import Completed, Overlay, Processes
from seatrial.runtimes.docker.cli import Docker

DIGEST = "sha256:" + "a" * 64


class BehindAWall(Docker):
    """A CLI on a machine that hears nothing of the registry; the manager has ``pulled``."""

    pulled: Mapping[str, str]

    async def run(
        self,
        *words: str,
        timeout: float | None = None,
        env: Overlay | None = None,
        input: str | None = None,
    ) -> Completed:
        if words[0] == "buildx":
            raise DeadlinePassed("nothing was heard")
        return Completed(words, 0 if words[-1] in self.pulled else 1, "", "no such host")

    async def inspected(self, kind: str, names: Sequence[str]) -> list[dict[str, Any]]:
        return [{"RepoDigests": [self.pulled[name]]} for name in names if name in self.pulled]


def digests(folder: Path, pulled: Mapping[str, str]) -> Mapping[str, str]:
    file = folder / "docker-compose.yml"
    file.write_text("services:\n  web:\n    image: inside:5000/web:1\n")
    docker = BehindAWall(Processes({}), {})
    object.__setattr__(docker, "pulled", pulled)
    return asyncio.run(with_digests(docker, load([file], {}), ["web"]))


def test_the_manager_is_asked_where_a_wall_swallows_the_question(tmp_path: Path) -> None:
    found = digests(tmp_path, {"inside:5000/web:1": f"inside:5000/web@{DIGEST}"})
    assert found == {"web": f"inside:5000/web:1@{DIGEST}"}


def test_an_image_that_nobody_gets_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailure, match="no registry gives inside:5000/web:1") as caught:
        digests(tmp_path, {})
    assert caught.value.where is not None
    assert caught.value.where.line == 2
