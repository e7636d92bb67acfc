"""Which services are for people and not for tests; what is known of servers is in ``backing``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seatrial.composefile.backing import Backing, backing_of, check_of
from seatrial.composefile.urls import image_name

__all__ = ["Backing", "backing_of", "check_of", "helper", "tester"]

_HELPERS = {
    "adminer pgadmin4 pgadmin phpmyadmin mongo-express redis-commander redisinsight pgweb pghero "
    "rabbitmq-management-ui kafka-ui dbgate cloudbeaver": "a page to look into a database",
    "traefik nginx-proxy jwilder caddy-docker-proxy certbot acme-companion ngrok cloudflared "
    "whoami": "it brings traffic in from outside",
    "mailhog mailpit maildev mailtrap-local mailcatcher smtp4dev": "it shows mail to a person",
    "portainer portainer-ce watchtower dozzle autoheal ofelia": "it tends containers",
    "prometheus grafana loki promtail cadvisor node-exporter alertmanager jaeger all-in-one "
    "zipkin otel opentelemetry-collector opentelemetry-collector-contrib flower": "it watches",
}
_HELPER_OF = {name: why for names, why in _HELPERS.items() for name in names.split()}
_TESTERS = (
    "sut",
    "playwright",
    "cypress",
    "e2e",
    "test",
    "tests",
    "test-runner",
    "integration-test",
)


def helper(image: str, command: Sequence[str] = ()) -> str:
    """Return why a service is for people and not for tests; empty where it is not such a one."""
    words = {word for text in command for word in re.split(r"[\s/]", text)}
    if words & {"flower", "start-flower"}:
        return _HELPER_OF["flower"]
    if words & {"celerybeat", "start-celerybeat"} or {"celery", "beat"} <= words:
        return "it starts jobs by the clock, in the middle of tests"
    return _HELPER_OF.get(image_name(image), "")


def tester(name: str, image: str) -> str:
    """Return why a service is itself a runner of tests; empty where it is not."""
    if name in _TESTERS or image_name(image) in ("playwright", "included"):
        return "it runs tests itself, which is seatrial's part here"
    return ""
