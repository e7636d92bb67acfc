"""Services whose work it is to watch the host, and which therefore see more of it than others."""

from __future__ import annotations

from seatrial.composefile.urls import image_name
from seatrial.lint.documents import ComposeService
from seatrial.lint.helpers.images import image_of

_WATCHERS = (
    *("node-exporter", "node_exporter", "cadvisor", "agent", "datadog-agent", "netdata", "glances"),
    *("promtail", "telegraf", "filebeat", "metricbeat", "alloy", "vector", "fluent-bit", "falco"),
    *("otel-collector-contrib", "opentelemetry-collector-contrib", "beszel-agent", "scrutiny"),
)


def watches_host(service: ComposeService) -> bool:
    """Return whether the image is known as one that watches its host."""
    return image_name(image_of(service)) in _WATCHERS
