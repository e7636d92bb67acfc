"""Which fixtures a test asks for, itself and through others."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from seatrial.insight.sources import Fixture, Source, Test, fixtures
from seatrial.lint.helpers.pythontests import Function, called, calls, text

_MARK = "pytest.mark."


def closure(test: Test, around: Iterable[Source]) -> tuple[Fixture, ...]:
    """Return the fixtures of ``test`` that its files define, by name.

    ``around`` are its files, the nearest first.
    """
    known = _visible(test, tuple(around))
    waiting = [name for name, fixture in known.items() if fixture.automatic]
    waiting += [*_arguments(test.node), *_marked(test, "usefixtures")]
    given = {name for names in _marked(test, "parametrize") for name in _split(names)}
    found: dict[str, Fixture] = {}
    while waiting:
        name = waiting.pop()
        if name not in found and name not in given and name in known:
            found[name] = known[name]
            waiting += _arguments(known[name].node)
    return tuple(found[name] for name in sorted(found))


def _visible(test: Test, around: tuple[Source, ...]) -> Mapping[str, Fixture]:
    known: dict[str, Fixture] = {}
    for source in reversed(around):
        known.update((f.name, f) for f in fixtures(source.tree.body, source))
    for inside in test.classes:
        known.update((f.name, f) for f in fixtures(inside.body, test.source))
    return known


def _arguments(node: Function) -> list[str]:
    # What has a default is no fixture.
    given = [*node.args.posonlyargs, *node.args.args]
    asked = given[: len(given) - len(node.args.defaults)]
    alone = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    asked += [argument for argument, default in alone if default is None]
    return [argument.arg for argument in asked if argument.arg not in ("self", "cls")]


def _marked(test: Test, mark: str) -> Iterator[str]:
    """Yield the words that a mark of the test, its classes or its module is given first."""
    decorators = [d for node in (*test.classes, test.node) for d in node.decorator_list]
    module = [
        node.value
        for node in test.source.tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
    ]
    for call in (call for node in (*decorators, *module) for call in calls(node)):
        if called(call, test.source.names) == _MARK + mark:
            first = call.args if mark == "usefixtures" else call.args[:1]
            yield from (text(node) for one in first for node in ast.walk(one) if text(node))


def _split(names: str) -> list[str]:
    return [name.strip() for name in names.split(",")]
