"""A service's ``environment:`` and ``env_file:`` in a derived file: public values alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from seatrial.composefile.canonical import scalar_text
from seatrial.composefile.fields import Fields
from seatrial.composefile.tree import ListNode, MapNode, is_null
from seatrial.scaffold.adopt.checks import Tell
from seatrial.scaffold.adopt.images import Backing
from seatrial.scaffold.adopt.keys import LOGINS
from seatrial.scaffold.adopt.variables import composed, read_public
from seatrial.scaffold.adopt.yamltext import Value

EnvFiles = Mapping[Path, Path | None]


def environment_value(
    node: MapNode,
    values: Mapping[str, str],
    env_files: EnvFiles,
    backing: Backing | None,
    tell: Tell,
) -> Value:
    """Return the variables of the service ``node``.

    ``values`` are what the shell would give to names without a value. A database that nothing
    public gives a password does without one.
    """
    given = node.get("environment")
    made: dict[str, Value] = {}
    for name, item in given.items.items() if isinstance(given, MapNode) else ():
        text = values.get(name) if is_null(item) else scalar_text(item)
        made[name] = None if text is None else composed(text)
    names, login, value = LOGINS.get(backing.kind if backing else "", ((), "", ""))
    known = {*made, *(name for file in _public(node, env_files) for name in read_public(file))}
    if login and not known & set(names):
        tell(f"{login} is {value}", "no file that every clone has gives it a password")
        made[login] = value
    return made or None


def env_file_value(
    node: MapNode, env_files: EnvFiles, relative: Callable[[Path], str], tell: Tell
) -> Value:
    """Return the env files of the service ``node``: those that every clone has, or not required."""
    entries: list[Value] = []
    for entry, path in _entries(node):
        wanted = env_files.get(path, path)
        if wanted is None:
            entries.append({"path": relative(path), "required": False})
            tell(f"{path.name} only if it is there", "git does not hold it")
            continue
        if wanted != path:
            cause = "every clone has this one, and no secret of yours is in it"
            tell(f"{wanted.name} in place of {path.name}", cause)
        optional = Fields(entry, "env_file").boolean("required") is False
        shown = relative(wanted)
        entries.append({"path": shown, "required": False} if optional else shown)
    return entries or None


def env_paths(node: MapNode) -> list[Path]:
    """Return the env files that the service ``node`` names."""
    return [path for _, path in _entries(node)]


def _entries(node: MapNode) -> list[tuple[MapNode, Path]]:
    given = node.get("env_file")
    items = given.items if isinstance(given, ListNode) else ()
    return [(i, Path(scalar_text(i.get("path")))) for i in items if isinstance(i, MapNode)]


def _public(node: MapNode, env_files: EnvFiles) -> list[Path]:
    found = (env_files.get(path, path) for path in env_paths(node))
    return [file for file in found if file is not None]
