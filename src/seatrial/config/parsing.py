"""Text to :class:`Config`, held against the table of keys in ``spec``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seatrial.config.kinds import BadValue
from seatrial.config.model import (
    Config,
    LintConfig,
    PathsConfig,
    ProcessConfig,
    ReleaseConfig,
    RunConfig,
    ServiceConfig,
    SlowConfig,
    SuiteConfig,
)
from seatrial.config.positions import KeyPath, key_lines
from seatrial.config.spec import ROOT, Key, Table
from seatrial.errors import ConfigError, Where

FILE_NAME = "seatrial.toml"


def parse_bytes(data: bytes, file: Path) -> Config:
    """Return what ``data`` says. Raises ``ConfigError`` where it is not UTF-8, or as ``parse``."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"not UTF-8: byte 0x{data[error.start]:02x}",
            where=Where(file, line),
            mend="save the file as UTF-8",
        ) from None
    return parse(text, file)


def parse(text: str, file: Path) -> Config:
    """Return what ``text`` says; ``file`` is only named in errors.

    Raises ``ConfigError`` with the line of broken TOML, of an unknown key (and the nearest known
    one) or of a value of the wrong kind.
    """
    import tomllib

    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _broken(str(error), text, file) from None
    checker = _Checker(file, key_lines(text))
    return _config(checker, checker.table(ROOT, document, ()))


def _broken(message: str, text: str, file: Path) -> ConfigError:
    found = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    what = re.sub(r" \(at [^()]*\)$", "", message)
    line = int(found[1]) if found else text.rstrip().count("\n") + 1
    column = int(found[2]) if found else 0
    return ConfigError(
        f"broken TOML: {what[:1].lower()}{what[1:]}",
        where=Where(file, line, column),
        mend="mend this line; https://toml.io shows how TOML is written",
    )


class _Checker:
    """Walks a document along the table of keys and turns values into what they mean."""

    def __init__(self, file: Path, lines: Mapping[KeyPath, int]) -> None:
        self._file = file
        self._lines = lines

    def where(self, path: KeyPath) -> Where:
        """Return where ``path`` stands, or the nearest thing around it."""
        while path and path not in self._lines:
            path = path[:-1]
        return Where(self._file, self._lines.get(path, 1))

    def table(self, spec: Table, value: Any, path: KeyPath) -> dict[str, Any]:
        """Return the values below ``path`` by field name; ``where`` holds the table's place."""
        if not isinstance(value, dict):
            raise ConfigError(
                f"{_dotted(path)} must be a table, not {value!r}",
                where=self.where(path),
                mend=f"write [{_dotted(path)}] on a line of its own, and its keys below",
            )
        found: dict[str, Any] = {}
        for name, inner in value.items():
            entry, here = spec.entry(name), (*path, name)
            if entry is None:
                raise self._unknown(spec, name, here)
            if spec.free and not re.search(spec.free_pattern, name):
                raise ConfigError(
                    f"{_dotted(path)}: {name!r} must be {spec.free_words}",
                    where=self.where(here),
                    mend="mend the name",
                )
            if isinstance(entry, Table):
                found[name] = self.table(entry, inner, here)
            else:
                found[name] = self._key(entry, inner, here)
        return found

    def _key(self, key: Key, value: Any, path: KeyPath) -> Any:
        try:
            return key.kind.read(value)
        except BadValue as error:
            raise ConfigError(
                f"{_dotted(path)} {error}", where=self.where(path), mend=error.mend
            ) from None

    def _unknown(self, spec: Table, name: str, path: KeyPath) -> ConfigError:
        from difflib import get_close_matches

        known = [entry.name for entry in spec.entries]
        near = get_close_matches(name.lower().replace("_", "-"), known, 1, 0.5)
        place = f"[{_dotted(path[:-1])}]" if path[:-1] else "the file"
        meant = f"did you mean {near[0]!r}? " if near else ""
        return ConfigError(
            f"unknown key {name!r} in {place}",
            where=self.where(path),
            mend=f"{meant}known here: {', '.join(known)}",
        )


def _config(checker: _Checker, found: dict[str, Any]) -> Config:
    def build(kind: Any, values: dict[str, Any] | None, *path: str) -> Any:
        if values is None:
            return kind()
        named = {name.replace("-", "_"): value for name, value in values.items()}
        return kind(where=checker.where(path), **named)

    services = {}
    for name, values in found.get("services", {}).items():
        suites = {
            stage: build(SuiteConfig, values.get(stage), "services", name, stage)
            for stage in ("unit", "service")
        }
        services[name] = build(ServiceConfig, {**values, **suites}, "services", name)
    return Config(
        name=found.get("project", {}).get("name"),
        paths=build(PathsConfig, found.get("paths"), "paths"),
        services=services,
        integration=build(SuiteConfig, found.get("integration"), "integration"),
        run=build(RunConfig, found.get("run"), "run"),
        slow=build(SlowConfig, found.get("slow"), "slow"),
        process=build(ProcessConfig, found.get("process"), "process"),
        lint=build(LintConfig, found.get("lint"), "lint"),
        release=build(ReleaseConfig, found.get("release"), "release"),
    )


def _dotted(path: KeyPath) -> str:
    return ".".join(
        str(name) if re.fullmatch(r"[A-Za-z0-9_-]+", str(name)) else f'"{name}"' for name in path
    )
