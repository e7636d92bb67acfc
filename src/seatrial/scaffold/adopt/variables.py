"""Values for the variables of a compose file that tests may know, and a commit may hold.

A person's own ``.env`` is private: of a file that git does not hold only plain names of users,
databases, ports and versions are taken. An example file is public.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.composefile.envfile import read_env_file
from seatrial.composefile.reading import read_text, read_tree
from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.errors import ConfigError

# What stands in for a secret: the database of the tests is made with it, too.
THROWAWAY = "test"
EXAMPLES = (
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.dist",
    ".env.defaults",
    "example.env",
    "sample.env",
    "env.example",
)
_HARMLESS = re.compile(r"(^|_)(USER|USERNAME|DB|DATABASE|NAME|PORT|HOST|SERVER|VERSION|TAG)$")
_PLAIN = re.compile(r"[A-Za-z0-9_.-]+")
_SECRET = re.compile(r"(^|_)(PASSWORD|PASSWD|PASS|SECRET|SECRET_KEY|JWT_KEY)$")
_REQUIRED = re.compile(r"\$\{([A-Za-z_]\w*):?\?")
_NAME = re.compile(r"(?<!\$)(?:\$\$)*\$(?:\{([A-Za-z_]\w*)|([A-Za-z_]\w*))")
# Values that may be any text; elsewhere (ports, volumes, durations) Compose wants a form.
_FREE = ("environment", "args", "command", "entrypoint", "labels", "test")
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}(\\w+){_CLOSE}")


@dataclass(frozen=True, slots=True)
class Known:
    """Values by name, and the file that gave each; values of a private file are not in it."""

    values: Mapping[str, str]
    origins: Mapping[str, Path]


def known_values(folders: Iterable[Path], public: Collection[str] | None, root: Path) -> Known:
    """Return what the example and ``.env`` files of ``folders`` say, later folders winning.

    ``public`` are the files that git holds, relative to ``root``; ``None`` where git does not tell.
    """
    values: dict[str, str] = {}
    origins: dict[str, Path] = {}
    for folder in folders:
        examples = [folder / name for name in EXAMPLES]
        for file in (*examples, folder / ".env"):
            if not file.is_file():
                continue
            open_to_all = file.name != ".env" or is_public(file, public, root)
            for name, value in read_public(file).items():
                if open_to_all or (_HARMLESS.search(name) and _PLAIN.fullmatch(value)):
                    values[name], origins[name] = value, file
    return Known(values, origins)


def is_public(file: Path, public: Collection[str] | None, root: Path) -> bool:
    """Return whether git holds ``file``."""
    return bool(public) and file.relative_to(root).as_posix() in (public or ())


def read_public(file: Path) -> dict[str, str]:
    """Return what an env file says, without anybody's own variables; nothing if it is broken."""
    try:
        return read_env_file(file, {}, lambda _name, _where: None)
    except ConfigError:
        # It is Compose's to complain of; here it only gives no values.
        return {}


def required(files: Sequence[Path]) -> list[str]:
    """Return the variables without which the files are not even read."""
    return list(
        dict.fromkeys(name for file in files for name in _REQUIRED.findall(read_text(file)))
    )


def formed(files: Sequence[Path]) -> set[str]:
    """Return the variables that are used where a value must have a form."""
    names: set[str] = set()
    for file in files:
        for tree in read_tree(file):
            names |= set(_names(tree))
    return names


def _names(node: Node) -> Iterable[str]:
    if isinstance(node, MapNode):
        for key, item in node.items.items():
            if key not in _FREE:
                yield from _names(item)
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _names(item)
    elif isinstance(node, ScalarNode):
        for match in _NAME.finditer(node.text):
            yield match[1] or match[2]


def is_secret(name: str) -> bool:
    """Return whether a variable is called like one that holds a secret."""
    return bool(_SECRET.search(name.upper()))


def marked(name: str) -> str:
    """Return what stands for a variable whose value nobody knows, until it is written."""
    return f"{_OPEN}{name}{_CLOSE}"


def plain(text: str) -> str:
    """Return ``text`` as a program sees it where unknown variables are empty."""
    return _MARK.sub("", text)


def composed(text: str) -> str:
    """Return ``text`` as a compose file says it: dollar signs doubled, unknown variables open."""
    return _MARK.sub(r"${\1:-}", text.replace("$", "$$"))


def with_defaults(raw: str, resolve: Mapping[str, str]) -> str:
    """Return ``raw`` with a default for each plain variable that ``resolve`` knows."""

    def one(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return f"${{{name}:-{resolve[name]}}}" if name in resolve else match[0]

    return re.sub(r"\$\{(\w+)(?::?[-?][^{}]*)?\}|\$(\w+)", one, raw)
