"""Which Python tests talk to a server: read from their syntax, nothing is run or imported.

A test is followed from the names that it uses, through fixtures, helpers and the imports of the
service's own code, to a place where a connection is opened or an address is read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

# Calls that open a connection, or make what opens one.
_OPENERS = frozenset(
    (
        *("create_engine", "create_async_engine", "create_pool", "AsyncEngine"),
        *("MongoClient", "Celery", "AsyncIOMotorClient", "AsyncMongoClient", "Redis"),
        *("StrictRedis", "register_tortoise", "SQLAlchemy", "init_db_pool", "from_url"),
        *("BlockingConnection", "connect_robust", "KafkaProducer", "KafkaConsumer"),
        *("AIOKafkaProducer", "Elasticsearch", "AsyncElasticsearch", "PostgresqlDatabase"),
        *("MySQLDatabase", "ConnectionPool", "AsyncConnectionPool"),
    )
)
_DRIVERS = frozenset(
    (
        *("psycopg", "psycopg2", "asyncpg", "pymysql", "MySQLdb", "aiomysql", "asyncmy"),
        *("mysql", "pymongo", "motor", "redis", "valkey", "aioredis", "nats", "pika"),
        *("aio_pika", "databases", "clickhouse_connect"),
    )
)
_ADDRESS = re.compile(
    r"(?:\w+_)?(?:DATABASE|DB|POSTGRES|PG|MYSQL|MARIADB|MONGO|MONGODB|REDIS|VALKEY|RABBITMQ|AMQP|"
    r"RMQ|NATS|KAFKA|SQLALCHEMY)_(?:\w+_)?(?:URL|URI|DSN|HOST|SERVER|PORT)"
)
_DJANGO = re.compile(r"django\.test|rest_framework\.test")
_DATABASE_FIXTURES = (
    *("db", "transactional_db", "django_db_reset_sequences", "live_server"),
    *("admin_client", "admin_user"),
)


@dataclass
class _Code:
    """What one function, class or module's top level uses."""

    names: set[str] = field(default_factory=set)
    arguments: set[str] = field(default_factory=set)
    fixture: bool = False
    autouse: bool = False
    reason: str = ""


@dataclass
class _Module:
    file: Path
    imports: dict[str, str] = field(default_factory=dict)
    parts: dict[str, _Code] = field(default_factory=dict)
    opens: int = 0
    sqlite: bool = False


class PythonCode:
    """The Python code of one service; ``folder`` is where its tests are started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._roots = (folder, folder / "src")
        self._reached: dict[str, str] = {}

    def needs(self, file: Path) -> str:
        """Return why the tests of ``file`` need a server; empty where nothing says that."""
        module = _read(file)
        chain = [module, *self._conftests(file)]
        if any(one.sqlite for one in chain):
            return ""
        for name, part in module.parts.items():
            if reason := self._part(name, part, chain, set()):
                return reason
        for one in chain[1:]:
            for name, part in one.parts.items():
                if part.autouse and (reason := self._part(name, part, chain, set(), one)):
                    return f"fixture {name} of {self._shown(one.file)}: {reason}"
        return ""

    def _conftests(self, file: Path) -> list[_Module]:
        found = []
        for folder in file.parents:
            if (folder / "conftest.py").is_file():
                found.append(_read(folder / "conftest.py"))
            if folder == self._folder:
                break
        return found

    def _part(
        self,
        name: str,
        part: _Code,
        chain: list[_Module],
        seen: set[tuple[Path, str]],
        module: _Module | None = None,
    ) -> str:
        module = module or chain[0]
        if (module.file, name) in seen:
            return ""
        seen.add((module.file, name))
        if part.reason:
            return part.reason
        for argument in sorted(part.arguments):
            owner = next((one for one in chain if argument in one.parts), None)
            if owner is None:
                if argument in _DATABASE_FIXTURES and self._is_django:
                    return f"fixture {argument} is Django's database"
            elif inner := self._part(argument, owner.parts[argument], chain, seen, owner):
                return inner if owner is module else f"fixture {argument}: {inner}"
        for used in sorted(part.names):
            if used in module.parts and used != name:
                if inner := self._part(used, module.parts[used], chain, seen, module):
                    return inner
            elif used in module.imports and (inner := self._import(module.imports[used])):
                return f"{used} comes from {inner}"
        return ""

    @property
    def _is_django(self) -> bool:
        return (self._folder / "manage.py").is_file()

    def _import(self, dotted: str) -> str:
        """Return the module behind an import that opens a connection, itself or by its imports."""
        if dotted in self._reached:
            return self._reached[dotted]
        self._reached[dotted] = ""
        if _DJANGO.match(dotted) and not dotted.endswith(("SimpleTestCase", "RequestFactory")):
            self._reached[dotted] = "Django's tests with a database"
        elif (file := self._file(dotted)) is not None:
            module = _read(file)
            if module.opens:
                self._reached[dotted] = f"{self._shown(file)}:{module.opens}, which connects"
            else:
                inner = (self._import(target) for target in module.imports.values())
                self._reached[dotted] = next((reason for reason in inner if reason), "")
        return self._reached[dotted]

    def _file(self, dotted: str) -> Path | None:
        """Return the file of a module of the service's own, or of the module that holds a name."""
        parts = dotted.split(".")
        for length in (len(parts), len(parts) - 1):
            for root in self._roots if length else ():
                place = root.joinpath(*parts[:length])
                for file in (place.with_suffix(".py"), place / "__init__.py"):
                    if file.is_file():
                        return file
        return None

    def _shown(self, file: Path) -> str:
        return file.relative_to(self._folder).as_posix()


@cache
def _read(file: Path) -> _Module:
    module = _Module(file)
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return module
    package = _package(file)
    top = _Code()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            module.parts[node.name] = _code(node, module, package)
        else:
            _collect(node, top, module, package)
    # `pytestmark` marks all tests of the file.
    if top.reason.startswith("marked"):
        module.parts["pytestmark"] = top
    module.opens = _opened(tree)
    return module


def _package(file: Path) -> list[str]:
    """Return the dotted package that relative imports of ``file`` begin with."""
    parts: list[str] = []
    folder = file.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return parts


def _code(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, module: _Module, package: list[str]
) -> _Code:
    code = _Code()
    for decorator in node.decorator_list:
        text = ast.unparse(decorator)
        code.fixture |= "fixture" in text
        code.autouse |= "autouse=True" in text.replace(" ", "")
    _collect(node, code, module, package)
    code.names.discard(node.name)
    return code


def _collect(node: ast.AST, code: _Code, module: _Module, package: list[str]) -> None:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Import | ast.ImportFrom):
            module.imports |= dict(_imported(inner, package))
            code.names |= {name for name, _ in _imported(inner, package)}
        elif isinstance(inner, ast.Name):
            code.names.add(inner.id)
        elif isinstance(inner, ast.arg):
            code.arguments.add(inner.arg)
        elif isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            module.sqlite |= inner.value.startswith("sqlite")
            if _ADDRESS.fullmatch(inner.value):
                code.reason = code.reason or f"reads {inner.value}"
        elif isinstance(inner, ast.Attribute) and inner.attr == "django_db":
            code.reason = code.reason or "marked django_db"
        elif isinstance(inner, ast.Call):
            if "usefixtures" in ast.unparse(inner.func):
                words = (a.value for a in inner.args if isinstance(a, ast.Constant))
                code.arguments |= {word for word in words if isinstance(word, str)}
            if _opens(inner):
                code.reason = code.reason or f"calls {ast.unparse(inner.func)}"


def _imported(node: ast.Import | ast.ImportFrom, package: list[str]) -> Iterator[tuple[str, str]]:
    for alias in node.names:
        if isinstance(node, ast.Import):
            yield alias.asname or alias.name.partition(".")[0], alias.name
            continue
        base = package[: len(package) - node.level + 1] if node.level else []
        path = [*base, *(node.module or "").split("."), alias.name]
        yield alias.asname or alias.name, ".".join(part for part in path if part)


def _opened(tree: ast.AST) -> int:
    """Return the line on which a module opens a connection; 0 where it does not."""
    return next((n.lineno for n in ast.walk(tree) if isinstance(n, ast.Call) and _opens(n)), 0)


def _opens(call: ast.Call) -> bool:
    words = ast.unparse(call.func).split(".")
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and str(first.value).startswith("sqlite"):
        return False
    return words[-1] in _OPENERS or (words[-1] == "connect" and words[0] in _DRIVERS)
