"""Addresses in tests: whose they are, and whether a stand-in answers for them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from seatrial.lint.documents import Repository, TestDocument

URL = re.compile(r"(?:https?|wss?|postgres(?:ql)?(?:\+\w+)?|mysql(?:\+\w+)?|redis|amqp|nats)://\S+")
# Names that belong to nobody: https://www.rfc-editor.org/rfc/rfc2606, and those of machines.
_NOBODYS = re.compile(
    r"(?:.+\.)?(?:example\.(?:com|org|net)|example|test|testing|invalid|localhost|local|internal"
    r"|localdomain|lan|docker|svc|home|corp)|testserver|.*\.(?:foo|bar|dummy|fake)"
    r"|(?:.+\.)?(?:foo|bar|acme|foobar|domain|mydomain|yourdomain|site|mysite|website)\.\w+",
)
_NETWORKS = re.compile(
    r"127\.|0\.0\.0\.0|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|192\.0\.2\."
    r"|198\.51\.100\.|203\.0\.113\.|[1-9]\.[1-9]\.[1-9]\.[1-9]$"
)
_STAND_INS = re.compile(
    r"\b(?:responses|respx|requests_mock|httpx_mock|aioresponses|pook|vcr|httpretty|pytest_httpserver"
    r"|MockTransport|ASGITransport|WSGITransport|TestClient|monkeypatch|mocker|mock|Mock|MagicMock"
    r"|patch|nock|msw|setupServer|MockAgent|spyOn|stubGlobal|sinon|fakeFetch|fetchMock|mockFetch"
    r"|intercept|route|polly)\b|\.mock\(|\bfn\("
)
_VERBS = r"(?:get|post|put|patch|delete|head|options|request|stream|send)"
_REQUEST = (
    rf"(?:requests|httpx|urllib3|aiohttp)(?:\.\w+)?\.{_VERBS}|urllib\.request\.(?:urlopen|urlretrieve)"
    rf"|requests\.Session|(?:self\.)?\w*(?:client|session|http)\.{_VERBS}"
    r"|httpx\.(?:Async)?Client|(?:self\.)?page\.goto|websockets\.connect"
)


def host_of(url: str) -> str:
    """Return the host of a URL in small letters; empty where it has none or it is filled in."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_external(host: str) -> bool:
    """Return whether ``host`` is a real one, of somebody else, in the internet."""
    if not host or set(host) & set("{}$<>% *") or ":" in host or "." not in host:
        return False
    return not _NOBODYS.fullmatch(host) and not _NETWORKS.match(host)


def is_fixed(url: str) -> bool:
    """Return whether a URL is of this machine, with a port's number in it."""
    try:
        parts = urlsplit(url)
        return parts.hostname in ("localhost", "127.0.0.1", "0.0.0.0") and bool(parts.port)
    except ValueError:
        return False


def has_stand_in(document: TestDocument) -> bool:
    """Return whether something may answer in the net's place: in the file or a conftest above."""
    if _STAND_INS.search(document.text):
        return True
    return any(_STAND_INS.search(text) for text in _conftests(document))


def _conftests(document: TestDocument) -> Iterator[str]:
    for folder in document.path.parents:
        name = (folder / "conftest.py").as_posix()
        if name in document.repository.paths:
            yield _text(document.repository, name)


def _text(repository: Repository, name: str) -> str:
    known = repository.documents.get(name)
    return known.text if known is not None else repository.texts.get(name, "")


def literal_url(node: ast.AST | None) -> str:
    """Return a URL that stands in the code as it is, or as the beginning of an f-string."""
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    value = node.value if isinstance(node, ast.Constant) else ""
    return value if isinstance(value, str) and URL.match(value) else ""


def is_request(name: str) -> bool:
    """Return whether a call of this full name sends something to the address it is given."""
    return re.fullmatch(_REQUEST, name) is not None
