"""The house: who may import whom, and which doors to the outside exist."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import seatrial

SOURCE = Path(seatrial.__file__).parent
# Bottom to top: a module imports only from floors below its own, or from its own floor.
FLOORS = (
    "errors",
    "model",
    "events",
    "config",
    "host",
    "toolchains",
    "composefile",
    "history",
    "runners",
    "runtimes",
    "discover",
    "lint",
    "scaffold",
    "planning",
    "insight",
    "pipeline",
    "release",
    "deploy",
    "render",
    "mcp",
    "cli",
)
# What runs inside the user's own programs and therefore stands outside the house.
OUTSIDE = ("injected", "testing")
# What becomes part of the user's repository is no module of ours.
TEMPLATES = SOURCE / "scaffold/templates"
FILES = sorted(
    path
    for path in SOURCE.rglob("*.py")
    if path.relative_to(SOURCE).parts[0] not in OUTSIDE and TEMPLATES not in path.parents
)


def _name(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts)


def _floor(module: str) -> str:
    return module.split(".")[0]


@cache
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text())))


@cache
def _imports(path: Path) -> tuple[tuple[str, int], ...]:
    """Return every module that a file imports, at its top or in a function, with the line."""
    found = []
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                within = f"{node.module}.{alias.name}"
                found.append((within if _is_module(within) else node.module, node.lineno))
    return tuple(found)


@cache
def _is_module(dotted: str) -> bool:
    path = SOURCE.parent.joinpath(*dotted.split("."))
    return path.with_suffix(".py").exists() or path.is_dir()


def _own_imports(path: Path) -> Iterator[tuple[str, int]]:
    for module, line in _imports(path):
        if module.startswith("seatrial."):
            yield module.removeprefix("seatrial."), line


def test_every_file_stands_on_a_known_floor() -> None:
    strays = {_name(path) for path in FILES if _floor(_name(path)) not in (*FLOORS, "__init__")}
    assert strays == set()


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_module_imports_only_from_floors_below(path: Path) -> None:
    own = _floor(_name(path))
    if own == "__init__":
        assert list(_own_imports(path)) == []
        return
    upwards = [
        f"{path}:{line} imports {module}"
        for module, line in _own_imports(path)
        if _floor(module) in OUTSIDE or FLOORS.index(_floor(module)) > FLOORS.index(own)
    ]
    assert upwards == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    names = {_name(path).removesuffix(".__init__") for path in FILES}
    graph = {
        _name(path).removesuffix(".__init__"): {m for m, _ in _own_imports(path) if m in names}
        for path in FILES
    }
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail, module))
        if module in done:
            return
        for imported in sorted(graph[module]):
            visit(imported, (*trail, module))
        done.add(module)

    for module in sorted(graph):
        visit(module, ())


@pytest.mark.parametrize(
    ("door", "rooms"),
    [("subprocess", {"host"}), ("pty", {"host"}), ("multiprocessing", set())],
)
def test_only_the_host_opens_the_door(door: str, rooms: set[str]) -> None:
    users = {
        _name(path)
        for path in FILES
        if _floor(_name(path)) not in rooms
        and any(module.split(".")[0] == door for module, _ in _imports(path))
    }
    assert users == set()


@cache
def _calls(path: Path) -> frozenset[str]:
    return frozenset(ast.unparse(n.func) for n in _nodes(path) if isinstance(n, ast.Call))


@pytest.mark.parametrize(
    ("call", "rooms"),
    [
        ("print", {"render", "cli"}),
        ("click.echo", {"cli"}),
        ("asyncio.create_subprocess_exec", {"host"}),
        ("asyncio.create_subprocess_shell", set()),
        ("os.system", set()),
    ],
)
def test_only_some_rooms_call(call: str, rooms: set[str]) -> None:
    callers = {
        _name(path) for path in FILES if _floor(_name(path)) not in rooms and call in _calls(path)
    }
    assert callers == set()


def test_the_environment_is_read_only_in_host_and_cli() -> None:
    readers = {
        _name(path)
        for path in FILES
        if _floor(_name(path)) not in ("host", "cli")
        for node in _nodes(path)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv")
    }
    assert readers == set()


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_nothing_is_called_for_its_effect_at_import_time(path: Path) -> None:
    """A module's top level may define; it may not act. ``if __name__`` is the program's own end."""
    acts = [
        f"{path}:{node.lineno}"
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ]
    assert acts == []


@pytest.mark.parametrize("part", OUTSIDE)
def test_what_stands_outside_imports_nothing_of_the_house(part: str) -> None:
    imports = {
        (path.name, module)
        for path in (SOURCE / part).rglob("*.py")
        for module, _ in _own_imports(path)
        if _floor(module) != part
    }
    assert imports == set()
