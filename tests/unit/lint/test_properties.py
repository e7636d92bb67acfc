"""What holds for every compose file, and for every file that is none."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from seatrial.config import Config
from seatrial.lint import fixing
from seatrial.lint.model import Finding, Report
from seatrial.lint.positions import Lines
from seatrial.lint.registry import all_rules
from seatrial.lint.run import Request, Run
from seatrial.lint.selection import Selection
from tests.unit.lint.composes import MERGED, texts

Keys = tuple[str, ...]

_PLACES = st.sampled_from(
    [f"deploy/{tier}/docker-compose.yml" for tier in ("dev", "test", "prod")] + ["compose.yaml"]
)
_FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Each of them calls Compose twice.
_FEWER = settings(_FEW, max_examples=10)


@contextmanager
def _repository(path: str, content: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        yield root


def _run(root: Path) -> Run:
    return Run(Request(root, Config(), Selection()), all_rules())


def _report(path: str, content: bytes) -> Report:
    with _repository(path, content) as root:
        return _run(root).report(fixing.Fixed())


def _mended(path: str, text: str) -> tuple[str, list[Keys]]:
    """Return the text after all fixes, and what they say that they change."""
    changes: list[Keys] = []
    with _repository(path, text.encode()) as root:
        run = _run(root)

        def look() -> list[Finding]:
            found = run.look()[0]
            changes.extend(c for f in found if f.fix is not None for c in f.fix.changes)
            return found

        fixed = fixing.mend(run.workspace, look)
    return fixed.after.get(path, text), changes


def _assert_in_their_files(report: Report) -> None:
    for finding in report.findings:
        if finding.file.as_posix() not in report.sources:
            continue
        lines = Lines(report.sources[finding.file.as_posix()])
        begin = (finding.line, finding.column)
        end = (finding.end_line, finding.end_column)
        assert (1, 1) <= begin <= end, finding
        for line, column in (begin, end):
            assert line <= lines.count, finding
            assert 1 <= column <= len(lines.text(line)) + 1, finding


def _assert_no_rule_broke(report: Report) -> None:
    assert [finding.what for finding in report.findings if finding.code == "SEA900"] == []


@given(_PLACES, texts())
@example("deploy/test/docker-compose.yml", MERGED)
@example("deploy/prod/docker-compose.yml", MERGED.replace("\n", "\r\n"))
@_FEW
def test_every_finding_lies_in_its_file(path: str, text: str) -> None:
    report = _report(path, text.encode())
    _assert_no_rule_broke(report)
    assert [finding for finding in report.findings if finding.code == "SEA901"] == []
    _assert_in_their_files(report)


@given(_PLACES, texts())
@example("deploy/test/docker-compose.yml", MERGED)
@example("deploy/prod/docker-compose.yml", MERGED.replace("\n", "\r\n"))
@_FEW
def test_mending_ends_and_keeps_comments_and_line_endings(path: str, text: str) -> None:
    after, _ = _mended(path, text)
    assert _mended(path, after)[0] == after
    comments = re.compile(r"# c\d+\.[^\r\n]*")
    assert comments.findall(after) == comments.findall(text)
    if "\r\n" in text:
        assert not re.search(r"(?<!\r)\n", after)
    else:
        assert "\r" not in after


_MANGLED: st.SearchStrategy[str] = st.builds(
    lambda text, at, put: text[: at % (len(text) + 1)] + put + text[at % (len(text) + 1) :],
    texts(),
    st.integers(0, 2000),
    st.sampled_from(
        ["\t", ":", "- ", "\x00", "&a ", "*a", "{", "]", "\n", "'", "<<: *x", "\u2028"]
    ),
)


@given(
    st.sampled_from(
        ["compose.yml", "Dockerfile", ".github/workflows/a.yml", "Makefile", "scripts/a.sh"]
    ),
    st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")),
)
@example("compose.yml", b"\xef\xbb\xbfservices: {}\n")
@example("compose.yml", b"services: [1, 2]\n")
@example("compose.yml", b"services: {a: [], b: null, c: 5}\n")
@example("compose.yml", b"a: &a [*a]\n")
@example("compose.yml", ("services:\n" + "[" * 5000).encode())
@_FEW
def test_a_file_that_is_no_such_file_breaks_nothing(path: str, content: bytes) -> None:
    report = _report(path, content)
    _assert_no_rule_broke(report)
    _assert_in_their_files(report)


@given(_PLACES, _MANGLED)
@_FEW
def test_a_broken_compose_file_breaks_nothing(path: str, text: str) -> None:
    report = _report(path, text.encode())
    _assert_no_rule_broke(report)
    _assert_in_their_files(report)


_WORDS = st.sampled_from(
    [
        *("test", "interval", "start_interval", "target", "published", "condition", "db", "name"),
        *("resources", "limits", "driver", "options", "max-size", "external", "context", "source"),
    ]
)
# Values of the wrong kind, wherever a rule may look.
_ANYTHING = st.recursive(
    st.sampled_from([None, True, 5, 1.5, "a", "", "a:b", "80:80", "${X}", "./a:/b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=6,
)
_SERVICE_KEYS = st.sampled_from(
    [
        *("image", "build", "ports", "volumes", "healthcheck", "depends_on", "environment"),
        *("deploy", "logging", "restart", "networks", "tmpfs", "user", "env_file", "secrets"),
        *("container_name", "cap_add", "security_opt", "stop_grace_period", "init", "entrypoint"),
        *("command", "extends", "network_mode", "privileged", "labels", "profiles"),
    ]
)


@given(
    _PLACES,
    st.dictionaries(st.sampled_from(["db", "api"]), st.dictionaries(_SERVICE_KEYS, _ANYTHING)),
    st.dictionaries(st.sampled_from(["volumes", "networks", "secrets", "name"]), _ANYTHING),
)
@_FEW
def test_values_of_the_wrong_kind_break_no_rule(
    path: str, services: dict[str, Any], others: dict[str, Any]
) -> None:
    # JSON is YAML.
    text = json.dumps({"services": services, **others}, indent=1)
    report = _report(path, text.encode())
    _assert_no_rule_broke(report)
    _assert_in_their_files(report)
    after, _ = _mended(path, text)
    assert _mended(path, after)[0] == after


@pytest.mark.engine
@given(_PLACES, texts())
@example("deploy/test/docker-compose.yml", MERGED)
@_FEWER
def test_compose_sees_no_change_but_those_that_fixes_name(path: str, text: str) -> None:
    after, changes = _mended(path, text)
    before_model, refusal = _model(text)
    if refusal or after == text:
        return
    after_model, complaint = _model(after)
    assert complaint == ""
    allowed = [_up_to_the_list(change) for change in changes]
    differences = _differences(before_model, after_model)
    assert [at for at in differences if not _covered(at, allowed)] == []


def _model(text: str) -> tuple[Any, str]:
    """Return what Compose makes of a file, or why it refuses it; it needs no engine for that."""
    words = ["docker", "compose", "--profile", "*", "-f", "-", "config", "--format", "json"]
    variables = {**os.environ, "TEST_INSTANCE_ID": "case", "LINK": "a"}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*words[:2], "--project-directory", "/nowhere", *words[2:]],
            cwd=folder,
            input=text,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
    return (json.loads(done.stdout), "") if done.returncode == 0 else (None, done.stderr)


def _differences(one: Any, other: Any, at: Keys = ()) -> Iterator[Keys]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _differences(one.get(key), other.get(key), (*at, key))
    elif one != other:
        yield at


def _up_to_the_list(change: Keys) -> Keys:
    number = next((i for i, key in enumerate(change) if key.isdecimal()), len(change))
    return change[:number]


def _covered(at: Keys, allowed: list[Keys]) -> bool:
    # Compose leaves out volumes and networks that no service uses any more.
    if at[:1] in (("volumes",), ("networks",)):
        return True
    return any(at[: len(change)] == change or change[: len(at)] == at for change in allowed)
