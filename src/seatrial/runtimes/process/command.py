"""What a container would run, as a command for this machine; pure but for looking at files."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from pathlib import Path

from seatrial.runtimes.process.paths import PathMap

_BIN = ("/usr/local/bin", "/usr/bin", "/bin", "/")
# Programs that only reap zombies or drop rights before the real one; neither is needed here.
_INITS = ("tini", "dumb-init", "catatonit")
_SHELL_WORDS = 3
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
    if not rest:
        return ()
    head = _program(rest[0], workdir, paths, changes)
    if rest[1:2] == ["-c"] and len(rest) == _SHELL_WORDS:
        first, gap, others = rest[2].partition(" ")
        script = " ".join(_program(first, workdir, paths, changes)) if "/" in first else first
        return (*head, "-c", f"{script}{gap}{_word(others, paths, changes)}")
    return (*head, *(_word(word, paths, changes) for word in rest[1:]))


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
    if host is not None and host.is_file():
        changes.append(f"command: {word} → {host} (copied there)")
        return (*_interpreter(host), str(host))
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
