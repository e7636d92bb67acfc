"""A stand-in for an external API as a service of the compose file, up before what asks it."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import pytest

from seatrial.testing import check_stub, stub
from tests.support.docker import docker_run
from tests.support.local import Checkout
from tests.support.loop import in_a_loop

COMPOSE = """
services:
  rates:
    build: ./rates
    init: true
    ports: ["8000"]
    healthcheck:
      test: [CMD, python, -c, "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/_stub/health')"]
      start_period: 10s
      start_interval: 100ms
  shop:
    build: {context: ../.., dockerfile: services/shop/Dockerfile}
    init: true
    environment: {RATES_URL: "http://rates:8000"}
    ports: ["8000"]
    depends_on: {rates: {condition: service_healthy}}
"""
STUB_DOCKERFILE = """
FROM python:3.13-slim
WORKDIR /stub
COPY stub.py answers.json ./
CMD ["python", "stub.py", "answers.json", "--host", "0.0.0.0", "--port", "8000"]
"""
# A service that asks when it boots, and tells later what it was answered.
SHOP = """
import json, os, urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

RATES = os.environ["RATES_URL"]
known = json.load(urllib.request.urlopen(RATES + "/v1/rates?base=EUR", timeout=10))


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            urllib.request.urlopen(RATES + self.path, timeout=10)
        except OSError:
            pass
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(known).encode())


HTTPServer((os.environ["HOST"], 8000), Handler).serve_forever()
"""
SHOP_DOCKERFILE = """
FROM python:3.13-slim
WORKDIR /app
COPY services/shop/ ./
ENV HOST=0.0.0.0
EXPOSE 8000
CMD ["python", "server.py"]
"""
ANSWERS = [{"path": "/v1/rates", "query": {"base": "EUR"}, "json": {"USD": 1.1}}]


def write(root: Path) -> None:
    folder = root / "deploy/test/rates"
    folder.mkdir(parents=True)
    (root / "deploy/test/docker-compose.yml").write_text(COMPOSE)
    (folder / "Dockerfile").write_text(STUB_DOCKERFILE)
    (folder / "answers.json").write_text(json.dumps({"answers": ANSWERS}))
    shutil.copy(stub.__file__, folder / "stub.py")
    shop = root / "services/shop"
    shop.mkdir(parents=True)
    (shop / "Dockerfile").write_text(SHOP_DOCKERFILE)
    (shop / "server.py").write_text(SHOP)


def ask(url: str) -> object:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def both_are_told(urls: Mapping[str, str]) -> None:
    """Look at what the service was answered at its start, and at what the stub was asked since."""
    assert ask(urls["TEST_SHOP_URL"] + "/v1/rates?base=EUR") == {"USD": 1.1}
    check_stub(urls["TEST_RATES_URL"])
    ask(urls["TEST_SHOP_URL"] + "/v2/unheard-of")
    with pytest.raises(AssertionError, match="GET /v2/unheard-of"):
        check_stub(urls["TEST_RATES_URL"])


@pytest.mark.local
@in_a_loop
async def test_a_service_finds_the_stub_when_it_boots_as_a_process(tmp_path: Path) -> None:
    for name in ("root", "state"):
        (tmp_path / name).mkdir()
    checkout = Checkout(tmp_path / "root", tmp_path / "state")
    write(checkout.root)
    async with checkout.run() as session, session.up() as environment:
        both_are_told(environment.exports)


@pytest.mark.engine
@in_a_loop
async def test_a_service_finds_the_stub_when_it_boots_in_a_container(tmp_path: Path) -> None:
    write(tmp_path)
    async with docker_run(tmp_path) as run, run.up() as environment:
        both_are_told(environment.exports)
