"""Deployments on one machine, by Compose."""

from seatrial.deploy.compose.carrier import target

__all__ = ["target"]
