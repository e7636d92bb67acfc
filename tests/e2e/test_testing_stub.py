"""A stand-in for an external API as a service of the compose file, up before what asks it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from seatrial.testing import check_stub, stub
from tests.support.local import Checkout, ask
from tests.support.loop import in_a_loop

pytestmark = pytest.mark.local

COMPOSE = """
services:
  rates:
    build: ./rates
    ports: ["8000"]
    healthcheck:
      test: [CMD, python, -c, "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/_stub/health')"]
      start_period: 10s
      start_interval: 100ms
  shop:
    build: {context: ../.., dockerfile: services/shop/Dockerfile}
    environment: {RATES_URL: "http://rates:8000"}
    ports: ["8000"]
    depends_on: {rates: {condition: service_healthy}}
"""
STUB_DOCKERFILE = """
FROM python:3.12-slim
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
FROM python:3.12-slim
WORKDIR /app
COPY services/shop/ ./
ENV HOST=0.0.0.0
EXPOSE 8000
CMD ["python", "server.py"]
"""
ANSWERS = [{"path": "/v1/rates", "query": {"base": "EUR"}, "json": {"USD": 1.1}}]


@in_a_loop
async def test_a_service_finds_the_stub_when_it_boots(tmp_path: Path) -> None:
    for name in ("root", "state"):
        (tmp_path / name).mkdir()
    checkout = Checkout(tmp_path / "root", tmp_path / "state")
    checkout.compose(COMPOSE)
    checkout.service("shop", SHOP, SHOP_DOCKERFILE)
    checkout.write("deploy/test/rates/Dockerfile", STUB_DOCKERFILE)
    checkout.write("deploy/test/rates/answers.json", json.dumps({"answers": ANSWERS}))
    shutil.copy(stub.__file__, checkout.root / "deploy/test/rates/stub.py")
    async with checkout.run() as session, session.up() as environment:
        rates = environment.exports["TEST_RATES_URL"]
        assert ask(environment, "SHOP", "/v1/rates?base=EUR") == {"USD": 1.1}
        check_stub(rates)
        ask(environment, "SHOP", "/v2/unheard-of")
        with pytest.raises(AssertionError, match="GET /v2/unheard-of"):
            check_stub(rates)
