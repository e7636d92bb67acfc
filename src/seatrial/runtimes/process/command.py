"""What a container would run, as a command for this machine; pure but for looking at files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from pathlib import Path

from seatrial.runtimes.process.paths import PathMap

_BIN = ("/usr/local/bin", "/usr/bin", "/bin", "/")
# Programs that only reap zombies or drop rights before the real one; neither is needed here.
_INITS = ("tini", "dumb-init", "catatonit")
_SHELL_WORDS = 3
_RUNNERS = ("uv", "poetry", "pipenv", "pdm", "rye", "hatch")
_RUN_WORDS = 3
_RUNNER_VALUES = frozenset(
    (
        *("--package", "--project", "--directory", "--extra", "--group", "--python", "-p"),
        *("--with", "--env-file", "--no-group", "--only-group"),
    )
)
_RUNNER_TEXT = re.compile(r"\b(?:uv|poetry|pipenv|pdm) run(?: --?[\w-]+(?:=\S+)?)*? (?=[A-Za-z])")
_USER_SWITCHES = ("gosu", "su-exec")


def localised(
    words: Sequence[str], workdir: str, paths: PathMap, changes: list[str]
) -> tuple[str, ...]:
    """Return ``words`` with container paths mapped and programs found by name.

    A script is given to its interpreter: what was copied may lack the right to be executed.
    """
    rest = list(words)
    while rest and posixpath.basename(rest[0]) in _INITS:
        changes.append(f"command: {rest[0]} is left out (no init is needed)")
        rest = _after_options(rest[1:])
    if len(rest) > 2 and posixpath.basename(rest[0]) in _USER_SWITCHES:
        changes.append(f"command: {rest[0]} is left out (runs as who starts it)")
        rest = rest[2:]
    rest = without_runner(rest, changes)
    if not rest:
        return ()
    head = _program(rest[0], workdir, paths, changes)
    if rest[1:2] == ["-c"] and len(rest) == _SHELL_WORDS:
        text = _RUNNER_TEXT.sub("", rest[2])
        if text != rest[2]:
            changes.append("command: uv run is left out (the toolchain's environment is it)")
        first, gap, others = text.partition(" ")
        script = " ".join(_program(first, workdir, paths, changes)) if "/" in first else first
        return (*head, "-c", f"{script}{gap}{_word(others, paths, changes)}")
    return (*head, *(_word(word, paths, changes) for word in rest[1:]))


def without_runner(words: list[str], changes: list[str]) -> list[str]:
    """Return the command that ``uv run`` or ``poetry run`` would run in their environment.

    The toolchain's environment is it; ``uv run --no-dev`` would change that under running tests.
    """
    if len(words) < _RUN_WORDS or words[1] != "run" or words[0] not in _RUNNERS:
        return words
    rest = words[2:]
    while rest and rest[0].startswith("-") and rest[0] not in ("-m", "--module"):
        option = rest.pop(0)
        if option == "--":
            break
        if option in _RUNNER_VALUES and rest:
            rest.pop(0)
    if rest and (rest[0] in ("-m", "--module") or rest[0].endswith(".py")):
        rest = ["python", *(["-m", *rest[1:]] if rest[0].startswith("-") else rest)]
    changes.append(f"command: {words[0]} run is left out (the toolchain's environment is it)")
    return rest


def _after_options(words: list[str]) -> list[str]:
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option == "--":
            break
    return words


def _program(word: str, workdir: str, paths: PathMap, changes: list[str]) -> tuple[str, ...]:
    if "/" in word:
        host = paths.host(posixpath.join(workdir, word))
    else:
        found = (paths.host(posixpath.join(folder, word)) for folder in _BIN)
        host = next((path for path in found if path is not None and path.is_file()), None)
    script = paths.readable(posixpath.join(workdir, word)) if "/" in word else host
    if host is not None and script is not None and script.is_file():
        changes.append(f"command: {word} → {host} (copied there)")
        return (*_interpreter(script), str(host))
    if word.startswith("/"):
        name = posixpath.basename(word)
        changes.append(f"command: {word} → {name} (a program by its name)")
        return (name,)
    return (word,)


def _interpreter(script: Path) -> tuple[str, ...]:
    try:
        text = script.read_bytes()[:65536]
    except OSError:
        return ()
    first, _, body = text.partition(b"\n")
    if not first.startswith(b"#!"):
        return () if b"\0" in text else ("sh",)
    words = [posixpath.basename(w) for w in first[2:].decode(errors="replace").split()]
    words = [w for w in words if w not in ("env", "-S")]
    if not words:
        return ("sh",)
    # The sh of an alpine image knows pipefail; the dash of Debian does not.
    if words[0] in ("sh", "ash"):
        words[0] = "bash" if b"pipefail" in body else "sh"
    return tuple(words)


def _word(word: str, paths: PathMap, changes: list[str]) -> str:
    new = paths.translated(word)
    if new != word and len(word.split()) == 1:
        changes.append(f"command: {word} → {new} (copied there)")
    elif new != word:
        changes.append("command: paths of the image → paths of this machine")
    return new
