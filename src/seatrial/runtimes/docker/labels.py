"""The labels by which what seatrial made on an engine is found again."""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.model.environment import EnvironmentRequest

RUN = "dev.seatrial.run"
ENVIRONMENT = "dev.seatrial.environment"
WORKTREE = "dev.seatrial.worktree"

COMPOSE_PROJECT = "com.docker.compose.project"
COMPOSE_SERVICE = "com.docker.compose.service"
COMPOSE_NUMBER = "com.docker.compose.container-number"


def of(request: EnvironmentRequest) -> dict[str, str]:
    """Return the labels of every container, network and volume of an environment."""
    return {
        **request.labels,
        RUN: request.run,
        ENVIRONMENT: request.key,
        WORKTREE: worktree(request),
    }


def worktree(request: EnvironmentRequest) -> str:
    """Return what stands for the worktree: its label, else a hash of where it is."""
    return request.labels.get(WORKTREE) or _hash(str(request.root))


def of_image(request: EnvironmentRequest) -> Mapping[str, str]:
    """Return the labels of an image: none that differ from run to run.

    A label is part of an image's id. One that changed would make a new image of an unchanged one.
    """
    return {WORKTREE: worktree(request)}


def _hash(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:12]
