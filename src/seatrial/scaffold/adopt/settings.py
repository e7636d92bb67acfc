"""The text of a ``seatrial.toml`` that says how a repository differs from the layout."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap

from seatrial.model.project import ServiceKind, Stage
from seatrial.scaffold.adopt.model import Findings, FoundService, FoundSuite

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDTH = 96


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a service's tests need besides paths.

    ``exports`` are addresses and ``env`` plain values for its service tests, ``unit`` the plain
    values for its unit tests.
    """

    exports: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    unit: Mapping[str, str] = field(default_factory=dict)


def settings_text(findings: Findings, wirings: Mapping[str, Wiring]) -> str:
    """Return the file; empty where the layout alone says all of it."""
    blocks: list[list[str]] = []
    parents = _parents(findings)
    if parents and parents != ["services"]:
        blocks.append(["[paths]", f"services = {_value(parents)}"])
    for service in findings.services:
        named = f"{'/'.join(service.path.split('/')[:-1])}" in parents
        named = named and service.path.split("/")[-1] == service.name
        blocks += _service(service, wirings.get(service.name, Wiring()), named)
    blocks += _whole(findings)
    if not blocks:
        return ""
    head = [
        "# How this repository differs from seatrial's layout, found by `seatrial init`.",
        "# Change what is wrong: nothing else depends on it.",
    ]
    return "\n".join("\n".join(block) + "\n" for block in [head, *blocks])


def _parents(findings: Findings) -> list[str]:
    """Return the folders all of whose services can be found by the folder alone."""
    found: dict[str, list[FoundService]] = {}
    for service in findings.services:
        parent, _, name = service.path.rpartition("/")
        if parent and "/" not in parent and name == service.name and service.path != ".":
            found.setdefault(parent, []).append(service)
    return [
        parent
        for parent, inside in found.items()
        if parent == "services" or (len(inside) > 1 and _complete(findings, parent, inside))
    ]


def _complete(findings: Findings, parent: str, inside: Sequence[FoundService]) -> bool:
    """Return whether discovery would find just these services in ``parent``."""
    from seatrial.discover.services import kind_of

    folders = [path for path in (findings.root / parent).iterdir() if path.is_dir()]
    seen = {path.name for path in folders if not path.name.startswith(".") and kind_of(path)}
    return seen == {service.name for service in inside}


def _service(service: FoundService, wiring: Wiring, found_by_layout: bool) -> list[list[str]]:
    name = _key(service.name)
    blocks: list[list[str]] = []
    if not found_by_layout:
        blocks.append([f"[services.{name}]", f"path = {_value(service.path)}"])
    for stage in (Stage.UNIT, Stage.SERVICE):
        suite = service.suite(stage)
        body: list[str] = []
        if suite is not None:
            body = _suite(suite, wiring if stage is Stage.SERVICE else Wiring(env=wiring.unit))
        elif stage in service.dropped:
            body = [*_comment(service.dropped[stage]), "skip = true"]
        elif stage is Stage.UNIT and service.suites and _layout_unit(service):
            body = ["# All of its tests need a server.", "skip = true"]
        if body:
            comments = [line for line in body if line.startswith("#")]
            rest = [line for line in body if not line.startswith("#")]
            blocks.append([*comments, f"[services.{name}.{stage}]", *rest])
    return blocks


def _layout_unit(service: FoundService) -> bool:
    """Return whether discovery would find unit tests where there are none of that kind."""
    return service.kind is ServiceKind.NODE and not service.dropped


def _suite(suite: FoundSuite, wiring: Wiring) -> list[str]:
    lines = []
    if suite.command:
        lines.append(f"command = {_value(list(suite.command))}")
    elif suite.paths and not suite.usual:
        lines.append(f"paths = {_value(list(suite.paths))}")
    env = {**wiring.env, **suite.env}
    if suite.apart:
        ignored = " ".join(f"--ignore={path}" for path in suite.apart)
        env["PYTEST_ADDOPTS"] = ignored
    lines += [f"env.{_key(key)} = {_value(value)}" for key, value in env.items()]
    lines += [f"exports.{_key(key)} = {_value(value)}" for key, value in wiring.exports.items()]
    return [*_comment(suite.cause), *lines] if lines else []


def _whole(findings: Findings) -> list[list[str]]:
    for suite in findings.suites:
        if not suite.usual:
            return [["[integration]", f"paths = {_value(list(suite.paths))}"]]
    root = next((service for service in findings.services if service.path == "."), None)
    if root is not None and (findings.root / "tests/integration").is_dir():
        return [[f"# They are {root.name}'s own.", "[integration]", "skip = true"]]
    return []


def _comment(cause: str) -> list[str]:
    # A path keeps its letters.
    first, _, rest = cause.partition(" ")
    begin = first if "/" in first or "." in first else f"{first[:1].upper()}{first[1:]}"
    return wrap(f"{begin} {rest}.", _WIDTH, initial_indent="# ", subsequent_indent="# ")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _value(value: str | bool | list[str]) -> str:
    if isinstance(value, list):
        if len(value) == 1:
            return _value(value[0])
        inner = [json.dumps(item, ensure_ascii=False) for item in value]
        flat = f"[{', '.join(inner)}]"
        return flat if len(flat) < _WIDTH else "[\n" + "".join(f"  {i},\n" for i in inner) + "]"
    # A basic string of TOML takes what a string of JSON does.
    return json.dumps(value, ensure_ascii=False)
