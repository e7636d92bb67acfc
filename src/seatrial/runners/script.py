"""Finds a test runner inside a command or package script, and hands it more words. Pure.

``npm run test`` is followed into package.json, and a chain such as ``tsc && vitest`` stays a chain:
the words go to the runner alone, and the shell still wants every part to end well.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<op>\d*[<>]+&?\s*[^\s;|&()]*|&&|\|\||[;|&()\n])|(?P<word>(?:[^\s'"\\;|&()]|\\.|'[^']*'|"(?:\\.|[^"\\])*")+)"""
)
_ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=")
_MANAGERS = ("npm", "pnpm", "yarn", "bun")
# Programs that start the program named after them.
_LAUNCHERS = frozenset(
    [
        "npx",
        "pnpx",
        "bunx",
        "npm",
        "pnpm",
        "yarn",
        "bun",
        "exec",
        "dlx",
        "run",
        "x",
        "cross-env",
        "cross-env-shell",
        "dotenv",
        "env",
        "node",
        "c8",
        "nyc",
        "time",
        "nice",
        "uv",
        "uvx",
        "python",
        "python3",
        "coverage",
        "poetry",
        "hatch",
        "pdm",
    ]
)
_ELSEWHERE = ("-w", "--workspace", "--workspaces", "--prefix", "-C", "--filter", "--cwd", "-r")
_DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a shell text: ``raw`` as it stands there, ``text`` without its quotes."""

    raw: str
    start: int
    end: int

    @property
    def text(self) -> str:
        """Return the word as a program would get it, variables left alone."""
        try:
            return "".join(shlex.split(self.raw))
        except ValueError:
            return self.raw


Edit = Callable[[Sequence[Word]], Sequence[str]]


def shell_text(command: Sequence[str], scripts: Mapping[str, str]) -> str:
    """Return ``command`` as text for a shell, package scripts written out."""
    is_shell = len(command) == 3 and command[0] in ("sh", "bash") and command[1] in ("-c", "-ec")
    return _written_out(command[2] if is_shell else shlex.join(command), scripts, _DEEPEST)


def edited(text: str, programs: Sequence[str], edit: Edit) -> str | None:
    """Return ``text`` with the words after each of ``programs`` replaced by what ``edit`` makes.

    ``None`` where none of the programs is started in it.
    """
    found = False
    for words in reversed(_segments(text)):
        at = _program(words, programs)
        if at is None:
            continue
        found = True
        rest = words[at + 1 :]
        end = rest[-1].end if rest else words[at].end
        text = " ".join([text[: words[at].end], *edit(rest)]) + text[end:]
    return text if found else None


def is_plain(text: str) -> bool:
    """Return whether ``text`` is one command that needs no shell."""
    only = _segments(text)
    return len(only) == 1 and not re.search(r"[&|;<>()$`*?~\n]", text) and not _assigned(only[0])


def _segments(text: str) -> list[list[Word]]:
    segments: list[list[Word]] = [[]]
    for token in _TOKEN.finditer(text):
        if token["op"]:
            segments.append([])
        else:
            segments[-1].append(Word(token["word"], token.start(), token.end()))
    return [words for words in segments if words]


def _assigned(words: Sequence[Word]) -> int:
    """Return how many variables are set in front of a command."""
    return next((i for i, word in enumerate(words) if not _ASSIGNMENT.match(word.raw)), len(words))


def _name(word: Word) -> str:
    name = word.text.rsplit("/", 1)[-1]
    return name.removesuffix(".mjs").removesuffix(".js")


def _program(words: Sequence[Word], programs: Sequence[str]) -> int | None:
    after_option = False
    for index, word in enumerate(words):
        name = _name(word)
        if name in programs:
            return index
        is_option = word.raw.startswith("-")
        passes = is_option or after_option or name in _LAUNCHERS or _ASSIGNMENT.match(word.raw)
        if not passes:
            return None
        after_option = is_option and "=" not in word.raw
    return None


def _written_out(text: str, scripts: Mapping[str, str], depth: int) -> str:
    for words in reversed(_segments(text)):
        first = _assigned(words)
        called = _called(words[first:], scripts) if depth else None
        if called is None:
            continue
        name, arguments = called
        chain = [scripts[f"pre{name}"]] if f"pre{name}" in scripts else []
        chain.append(" ".join([scripts[name], *(word.raw for word in arguments)]))
        chain += [scripts[f"post{name}"]] if f"post{name}" in scripts else []
        body = " && ".join(_written_out(part, scripts, depth - 1) for part in chain)
        if first:
            body = f"export {text[words[0].start : words[first - 1].end]}; {body}"
        is_all = text[words[0].start : words[-1].end] == text.strip()
        body = body if is_all else f"({body})"
        text = text[: words[0].start] + body + text[words[-1].end :]
    return text


def _called(words: Sequence[Word], scripts: Mapping[str, str]) -> tuple[str, Sequence[Word]] | None:
    """Return the package script that a command starts, with the words it hands on."""
    if not words or words[0].raw not in _MANAGERS or any(w.raw in _ELSEWHERE for w in words):
        return None
    rest = words[1:]
    while rest and (rest[0].raw.startswith("-") or rest[0].raw in ("run", "run-script")):
        rest = rest[1:]
    if not rest:
        return None
    name = {"t": "test", "tst": "test"}.get(rest[0].raw, rest[0].raw)
    if name not in scripts:
        return None
    arguments = rest[1:]
    if words[0].raw == "npm":
        # npm keeps options before the first `--` to itself.
        raws = [word.raw for word in arguments]
        mark = raws.index("--") if "--" in raws else len(raws)
        own = [word for word in arguments[:mark] if not word.raw.startswith("-")]
        arguments = [*own, *arguments[mark + 1 :]]
    return name, arguments
