"""Findings that are known and do not count, so that an old repository can start.

The file is JSON and lists, for each file and code, how often a line of some text was found. Lines
are known by their text, so a finding may move; when the line changes, the finding is new.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seatrial.errors import ConfigError, Where
from seatrial.lint.model import Finding
from seatrial.lint.positions import Lines

_VERSION = 1
# Renderers tell by the first word that no comment says so.
_REASON = "baseline: known when it was written"


@dataclass(frozen=True, order=True)
class Known:
    """Findings of one rule on lines of one text in one file."""

    file: str
    code: str
    line: str


def write(findings: Iterable[Finding], sources: Mapping[str, str]) -> str:
    """Return the baseline of ``findings`` as text."""
    counted = Counter(_keys(findings, sources))
    entries = [
        {"file": known.file, "code": known.code, "line": known.line, "count": count}
        for known, count in sorted(counted.items())
    ]
    return json.dumps({"version": _VERSION, "findings": entries}, indent=1) + "\n"


def read(file: Path) -> Counter[Known]:
    """Return what is known; raises ``ConfigError`` where the file cannot be read as a baseline."""
    mend = f"write it with `seatrial lint --write-baseline {file.name}`"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError("there is no such baseline", where=Where(file), mend=mend) from None
    except OSError as error:
        what = f"cannot be read: {(error.strerror or str(error)).lower()}"
        raise ConfigError(what, where=Where(file), mend="name a readable file") from None
    except (ValueError, RecursionError):
        raise ConfigError(
            "this is no baseline: broken JSON", where=Where(file), mend=mend
        ) from None
    try:
        if content["version"] != _VERSION:
            raise ValueError
        return Counter(dict(_entry(entry) for entry in content["findings"]))
    except (KeyError, TypeError, ValueError):
        raise ConfigError(
            "this is no baseline of this version", where=Where(file), mend=mend
        ) from None


def known(
    findings: Iterable[Finding], sources: Mapping[str, str], baseline: Counter[Known]
) -> tuple[list[Finding], list[Finding], Counter[Known]]:
    """Return the findings that are new, those that are known, and what is known in vain."""
    findings = list(findings)
    if not baseline:
        return findings, [], Counter()
    left = Counter(baseline)
    new, old = [], []
    for finding, key in zip(findings, _keys(findings, sources), strict=True):
        if left[key] > 0:
            left[key] -= 1
            old.append(replace(finding, suppressed=_REASON))
        else:
            new.append(finding)
    return new, old, +left


def _keys(findings: Iterable[Finding], sources: Mapping[str, str]) -> list[Known]:
    lines: dict[str, Lines] = {}
    keys = []
    for finding in findings:
        file = finding.file.as_posix()
        if file not in lines:
            lines[file] = Lines(sources.get(file, ""))
        text = " ".join(lines[file].text(finding.line).split())
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        keys.append(Known(file, finding.code, digest))
    return keys


def _entry(entry: Any) -> tuple[Known, int]:
    count = entry["count"]
    words = (entry["file"], entry["code"], entry["line"])
    if type(count) is not int or count < 1 or not all(isinstance(word, str) for word in words):
        raise ValueError
    return Known(*words), count
