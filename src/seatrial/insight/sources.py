"""Python tests and their fixtures, found by name in the files of a suite."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import PurePosixPath
from posixpath import normpath
from typing import TypeAlias

from seatrial.lint.helpers.pythontests import Function, called, imported, number, text

Read: TypeAlias = Callable[[str], str | None]
"""Returns the text of a file, named relative to the root; ``None`` where it cannot be had."""

_FIXTURES = frozenset(("pytest.fixture", "pytest_asyncio.fixture"))
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Source:
    """One file, parsed; ``file`` is relative to the root.

    ``module`` returns the file of the suite that a module's full name means from here.
    """

    file: str
    tree: ast.Module
    module: Callable[[str], Source | None]

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What each imported name stands for; dots first where that is relative to the file."""
        found = imported(self.tree)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                module = "." * node.level + (node.module or "")
                found |= {one.asname or one.name: f"{module}.{one.name}" for one in node.names}
        return found

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        """The functions of the module's top level."""
        return {node.name: node for node in self.tree.body if isinstance(node, Function)}

    def function(self, name: str) -> tuple[Function, Source] | None:
        """Return the function that a name of this file stands for, its own or an imported one."""
        if own := self.functions.get(name):
            return own, self
        module, _, imported = self.names.get(name, "").rpartition(".")
        source = self.module(module) if module else None
        found = source.functions.get(imported) if source else None
        return (found, source) if source and found else None

    @cached_property
    def definitions(self) -> Mapping[int, int]:
        """The line of each function's ``def`` by that of its first decorator."""
        found = (node for node in ast.walk(self.tree) if isinstance(node, Function))
        return {node.decorator_list[0].lineno: node.lineno for node in found if node.decorator_list}

    @cached_property
    def _constants(self) -> Mapping[str, float]:
        """Names of the module's top level that are given a number once, and nothing else."""
        stores = [
            node.id
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        ]
        found = {}
        for node in self.tree.body:
            targets = node.targets if isinstance(node, ast.Assign) else ()
            for target in targets:
                value = number(node.value) if isinstance(node, ast.Assign) else None
                if isinstance(target, ast.Name) and value is not None:
                    found[target.id] = value
        return {name: value for name, value in found.items() if stores.count(name) == 1}

    def seconds(self, node: ast.AST | None) -> float | None:
        """Return the number that an expression certainly is."""
        if isinstance(node, ast.Name):
            return self._constants.get(node.id)
        return number(node)


@dataclass(frozen=True, slots=True)
class Fixture:
    """A fixture as its file defines it; ``scope`` is a word of pytest's, or unknown."""

    name: str
    scope: str
    automatic: bool
    node: Function
    source: Source


@dataclass(frozen=True, slots=True)
class Test:
    """A test function, the classes around it, the outermost first, and where it stands."""

    __test__ = False

    node: Function
    classes: tuple[ast.ClassDef, ...]
    source: Source


class Sources:
    """The files of one suite, whose ``folder`` is relative to the root; each is read once."""

    def __init__(self, folder: str, read: Read) -> None:
        self._folder = PurePosixPath(folder or ".")
        self._read = read
        self._files: dict[PurePosixPath, Source | None] = {}

    def test(self, identity: str) -> Test | None:
        """Return the test that pytest calls ``identity``, without its parameters."""
        file, *path = identity.partition("[")[0].split("::")
        source = self._source(self._folder / file)
        if source is None or not path:
            return None
        classes: list[ast.ClassDef] = []
        body: Sequence[ast.stmt] = source.tree.body
        for name in path[:-1]:
            found = [n for n in body if isinstance(n, ast.ClassDef) and n.name == name]
            if not found:
                return None
            classes.append(found[-1])
            body = found[-1].body
        tests = [n for n in body if isinstance(n, Function) and n.name == path[-1]]
        return Test(tests[-1], tuple(classes), source) if tests else None

    def around(self, identity: str) -> Iterator[Source]:
        """Yield a test's file and the conftest files that count for it, the nearest first."""
        path = self._folder / identity.partition("[")[0].split("::")[0]
        inside = [folder for folder in path.parents if folder.is_relative_to(self._folder)]
        for file in (path, *(folder / "conftest.py" for folder in inside)):
            if source := self._source(file):
                yield source

    def place(self, file: str, line: int) -> tuple[str, int]:
        """Return a place that the runner told, as file from the root and line.

        ``file`` is relative to the suite's folder, ``line`` any of a function: it becomes that of
        its ``def``. The file is empty where it lies outside of the repository or is gone.
        """
        path = PurePosixPath(normpath(self._folder / file))
        source = self._source(path) if ".." not in path.parts and not path.is_absolute() else None
        if source is None:
            return "", 0
        return source.file, source.definitions.get(line, line)

    def _source(self, path: PurePosixPath) -> Source | None:
        if path not in self._files:
            self._files[path] = self._parsed(path)
        return self._files[path]

    def _module(self, folder: PurePosixPath, name: str) -> Source | None:
        """Return a module that is imported from a folder, as pytest puts folders on the path."""
        above = [one for one in (folder, *folder.parents) if one.is_relative_to(self._folder)]
        path = name.lstrip(".")
        if dots := len(name) - len(path):
            above = above[dots - 1 : dots]
        found = (self._source(one / f"{path.replace('.', '/')}.py") for one in above)
        return next(filter(None, found), None)

    def _parsed(self, path: PurePosixPath) -> Source | None:
        content = self._read(str(path)) if path.suffix == ".py" else None
        if content is None:
            return None
        try:
            with warnings.catch_warnings():
                # What Python finds fault with in somebody's test is not what was asked.
                warnings.simplefilter("ignore")
                return Source(str(path), ast.parse(content), partial(self._module, path.parent))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def fixtures(body: Sequence[ast.stmt], source: Source) -> Iterator[Fixture]:
    """Yield the fixtures that a module or a class defines."""
    for node in body:
        if not isinstance(node, Function):
            continue
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
            if called(call, source.names) in _FIXTURES:
                yield _fixture(node, call, source)


def _fixture(node: Function, call: ast.Call, source: Source) -> Fixture:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    scope = (text(given["scope"]) or _UNKNOWN) if "scope" in given else "function"
    automatic = getattr(given.get("autouse"), "value", False) is True
    return Fixture(text(given.get("name")) or node.name, scope, automatic, node, source)
