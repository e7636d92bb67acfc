"""RUN lines that a folder's own programs can run: what they start, word by word. Pure.

Nothing here is given to a shell, and nothing may reach outside the copy that it runs in: a line
with a word that is not surely harmless is not run at all.
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from seatrial.runtimes.process.command import without_runner
from seatrial.runtimes.process.dockerfile.model import Run
from seatrial.runtimes.process.dockerfile.words import expand
from seatrial.runtimes.process.runlines import brings_packages, makes_something

_ASSIGNMENT = re.compile(r"^([A-Za-z_]\w*)=(.*)$", re.DOTALL)
_NODE_PACKAGERS = ("npm", "pnpm", "yarn")
_NODE_VERBS = ("run", "run-script", "exec", "x")
# They change files only where their words say; elsewhere they are of no use to a process.
_FILE_TOOLS = ("mkdir", "cp", "mv", "rm", "touch")
_OUTSIDE = re.compile(r"^[/~]|(^|/)\.\.(/|$)|[*?\[{$]")
# `npx playwright install --with-deps` and its like change the machine, not the folder.
_FETCHES = re.compile(r"install|download")
_PYTHON_MODULES_LEFT = ("pip", "venv", "ensurepip", "compileall", "build", "playwright")


@dataclass(frozen=True, slots=True)
class Command:
    """``argv`` runs in ``folder``, seen from the stage's working folder, with ``env`` added."""

    argv: tuple[str, ...]
    folder: str
    env: Mapping[str, str]


class _Unfit(Exception):
    """The line has something that cannot be run in a copy."""


def commands(run: Run) -> tuple[Command, ...]:
    """Return what the line would start in a copy; empty where it is not run.

    What a toolchain does (installing) and what only an image needs (users, rights) is left out.
    """
    if run.workdir == "/":
        return ()
    try:
        found = list(_commands(run))
    except (_Unfit, ValueError):
        return ()
    return tuple(found) if any(c.argv[0] not in _FILE_TOOLS for c in found) else ()


def _commands(run: Run) -> Iterator[Command]:
    folder = "."
    for given in _split(run.text):
        env, words = _assigned([expand(word, run.env) for word in given])
        if not words:
            raise _Unfit
        if words[0] == "cd":
            if len(words) != 2 or _OUTSIDE.search(words[1]):
                raise _Unfit
            folder = posixpath.normpath(posixpath.join(folder, words[1]))
        elif words[0] in _FILE_TOOLS:
            if _stays_inside(words):
                yield Command(tuple(words), folder, env)
        elif brings_packages(words):
            raise _Unfit
        elif makes_something(words):
            yield Command(_built_by(words), folder, env)


def _split(text: str) -> list[list[str]]:
    """Return the commands of a line. Raises ``_Unfit`` for what needs a shell."""
    if text.lstrip().startswith("["):
        return [[str(word) for word in json.loads(text)]]
    lexer = shlex.shlex(text.replace("\n", " "), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    found: list[list[str]] = [[]]
    for token in lexer:
        if token in ("&&", ";"):
            found.append([])
        elif not token.strip("();<>|&") or "`" in token or "$(" in token:
            raise _Unfit
        else:
            found[-1].append(token)
    return [words for words in found if words]


def _assigned(words: list[str]) -> tuple[dict[str, str], list[str]]:
    env = {}
    while words and (found := _ASSIGNMENT.match(words[0])):
        env[found[1]] = found[2]
        words = words[1:]
    return env, words


def _stays_inside(words: list[str]) -> bool:
    """Return whether to run a tool for files. Raises ``_Unfit`` where its result is needed."""
    if not any(_OUTSIDE.search(word) for word in words[1:]):
        return True
    if words[0] in ("cp", "mv"):
        raise _Unfit
    return False


def _built_by(words: list[str]) -> tuple[str, ...]:
    """Return the command of a program that a toolchain's packages are for, else ``_Unfit``."""
    words = without_runner(words, [])
    if not words or any(_FETCHES.search(word) for word in words[:4]):
        raise _Unfit
    program, rest = words[0], words[1:]
    if program in _NODE_PACKAGERS:
        verb = next((word for word in rest if not word.startswith("-")), "")
        fits = verb in _NODE_VERBS or (program != "npm" and bool(verb))
    elif program in ("python", "python3"):
        fits = bool(rest) and rest[0] != "-c" and _module(rest) not in _PYTHON_MODULES_LEFT
    else:
        fits = program in ("node", "npx") and bool(rest)
    if not fits or any(word.startswith("/") for word in words[:1]):
        raise _Unfit
    return tuple(words)


def _module(words: list[str]) -> str:
    return words[1] if len(words) > 1 and words[0] == "-m" else ""
