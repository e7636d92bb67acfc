"""Which JavaScript, TypeScript and Go tests talk to a server, by the words in them."""

from __future__ import annotations

import re
from pathlib import Path

_BEGINNING = 200_000
_CONNECTS = re.compile(
    r"mongoose\.connect\(|new MongoClient\(|MongoClient\.connect\(|new (?:pg\.)?(?:Pool|Client)\("
    r"|createConnection\(|createPool\(|new PrismaClient\(|new Sequelize\(|new DataSource\("
    r"|new (?:Io)?Redis\(|createClient\(|amqp(?:lib)?\.connect\(|\bknex\("
)
_ADDRESS = re.compile(
    r"process\.env\.((?:TEST_)?(?:DATABASE|DB|POSTGRES|PG|MYSQL|MONGO|MONGODB|REDIS|RABBITMQ|AMQP"
    r"|NATS|KAFKA)_?(?:URL|URI|DSN|HOST))"
)
_MOCKS = re.compile(
    r"\b(?:jest|vi)\.mock\(|mongodb-memory-server|pg-mem|\bioredis-mock|prisma-?mock"
)
_LOCAL = re.compile(r"""(?:from|require\()\s*['"](\.{1,2}/[^'"]*)['"]""")
_BROWSER = re.compile(r"""['"]@playwright/test['"]|\bcy\.(?:visit|get)\(""")
_ENDINGS = ("", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", "/index.ts", "/index.js")

_GO = re.compile(
    r"\bsql\.Open\(|\bpgx(?:pool)?\.(?:Connect|New)\(|\bmongo\.Connect\(|\bredis\.NewClient\("
    r"|\bgorm\.Open\(|\btestcontainers\b|dockertest"
)
_GO_ADDRESS = re.compile(
    r'os\.(?:Getenv|LookupEnv)\("((?:\w+_)?(?:DATABASE|DB|POSTGRES|PG|MYSQL|MONGO|REDIS|NATS|AMQP|'
    r'RMQ)_(?:\w+_)?(?:URL|URI|DSN|HOST))"'
)
_GO_TAG = re.compile(r"^//go:build\s+.*\b(integration|e2e)\b", re.MULTILINE)


class ScriptCode:
    """The JavaScript and TypeScript code of one service."""

    def needs(self, file: Path) -> str:
        """Return why the tests of ``file`` need a server; empty where nothing says that."""
        text = _text(file)
        if _MOCKS.search(text):
            return ""
        return self._reach(file, set(), file.parent)

    def _reach(self, file: Path, seen: set[Path], start: Path) -> str:
        if file in seen:
            return ""
        seen.add(file)
        text = _text(file)
        if _MOCKS.search(text):
            return ""
        match = _CONNECTS.search(text)
        if match:
            line = text.count("\n", 0, match.start()) + 1
            return f"{file.name}:{line} connects"
        if match := _ADDRESS.search(text):
            return f"{file.name} reads {match[1]}"
        for target in _LOCAL.findall(text):
            found = _resolved(file.parent / target)
            if found and (reason := self._reach(found, seen, start)):
                return reason
        return ""


def for_browser(file: Path) -> bool:
    """Return whether a test file drives a browser."""
    return bool(_BROWSER.search(_text(file)))


class GoCode:
    """The Go code of one service."""

    def needs(self, file: Path) -> str:
        """Return why the tests of ``file`` need a server; empty where nothing says that."""
        text = _text(file)
        if match := _GO_TAG.search(text):
            return f"it has the build tag {match[1]}"
        if match := _GO_ADDRESS.search(text):
            return f"it reads {match[1]}"
        if match := _GO.search(text):
            return f"it calls {match[0].rstrip('(')}"
        return ""


def _resolved(place: Path) -> Path | None:
    for ending in _ENDINGS:
        file = Path(f"{place}{ending}")
        if file.is_file():
            return file
    return None


def _text(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(_BEGINNING)
    except OSError:
        return ""
