"""The proxy that stands in front of fixed host ports: what is written, and when nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.composefile.load import load
from seatrial.composefile.model import ComposeProject
from seatrial.deploy.compose.plan import alone
from seatrial.deploy.compose.proxy import files, fronts
from seatrial.errors import ConfigError, UsageError

TEXT = """
services:
  web:
    image: r/web:2
    ports:
      - "${WEB_PORT:-80}:3000"
      - "9000:9000/udp"
    networks: [inside]
    healthcheck: {test: [CMD, check]}
  api:
    image: r/api:2
    ports: ["127.0.0.1:8000:8000", "9229"]
  jobs:
    image: r/jobs:2
networks: {inside: {}}
"""


def read(folder: Path, text: str = TEXT) -> ComposeProject:
    (folder / "docker-compose.yml").write_text(text)
    names = ("docker-compose.yml", "docker-compose.override.yml")
    return load([folder / name for name in names if (folder / name).exists()], {})


def test_the_proxy_takes_the_ports_over_and_the_services_can_be_rolled(tmp_path: Path) -> None:
    project = read(tmp_path)
    for path, text in files(project, fronts(project, ())).items():
        path.write_text(text)
    after = read(tmp_path)
    proxy = after.services["proxy"]
    assert [(port.host_ip, port.published, port.target) for port in proxy.ports] == [
        (None, "80", 3000),
        ("127.0.0.1", "8000", 8000),
    ]
    assert {name: one.condition for name, one in proxy.depends_on.items()} == {
        "web": "service_healthy",
        "api": "service_started",
    }
    assert set(proxy.networks) == {"default", "inside"}
    # Its other ports stay a service's own.
    assert [port.target for port in after.services["api"].ports] == [9229]
    assert [port.protocol for port in after.services["web"].ports] == ["udp"]
    assert alone(after.services["api"]) is None
    # A port stays as movable as it was.
    assert "${WEB_PORT:-80}:3000" in (tmp_path / "docker-compose.override.yml").read_text()
    settings = (tmp_path / "proxy.conf").read_text()
    assert "set $service web;" in settings
    assert "proxy_pass http://$service:3000;" in settings
    assert "resolver 127.0.0.11 valid=1s" in settings


def test_one_service_alone_can_have_it(tmp_path: Path) -> None:
    project = read(tmp_path)
    assert [front.service for front in fronts(project, ["api"])] == ["api"]


def test_nothing_is_written_where_nothing_has_a_fixed_port(tmp_path: Path) -> None:
    project = read(tmp_path)
    with pytest.raises(UsageError, match="no service has a fixed host port"):
        fronts(project, ["jobs"])
    with pytest.raises(UsageError, match="there is no service 'nobody'"):
        fronts(project, ["nobody"])


@pytest.mark.parametrize("name", ["docker-compose.override.yml", "proxy.conf"])
def test_a_file_of_the_user_is_never_written_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("services: {}\n" if name.endswith("yml") else "")
    project = read(tmp_path)
    with pytest.raises(ConfigError, match="it is yours") as caught:
        files(project, fronts(project, ()))
    assert caught.value.where is not None
    assert caught.value.where.file == tmp_path / name


def test_a_service_that_is_called_proxy_is_no_accident(tmp_path: Path) -> None:
    project = read(tmp_path, TEXT.replace("jobs:", "proxy:"))
    with pytest.raises(ConfigError, match="called 'proxy' already"):
        files(project, fronts(project, ()))
