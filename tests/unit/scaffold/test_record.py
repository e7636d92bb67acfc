"""The record of a scaffold: what is written is read again, and what is spoilt is named."""

from __future__ import annotations

import json
import zlib
from base64 import b85encode
from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.errors import ConfigError
from seatrial.scaffold.model import Answers, File, ServiceAnswer
from seatrial.scaffold.record import (
    RECORD,
    Pristine,
    Record,
    Step,
    digest,
    dump,
    load,
    pristine,
)

API = ServiceAnswer("api", "fastapi", "postgres", 8001, 5432)
PAGE = ServiceAnswer("page", "frontend", host_port=3000, upstream="api", upstream_port=8000)
TREE = {
    "README.md": File('# Shop\n\nKäse, ☕ and \\ "quotes".\n'),
    "scripts/run.sh": File("#!/bin/sh\nexit 0\n", executable=True),
    "services/api/uv.lock": File("version = 1\n"),
    "empty": File(""),
}
RECORDED = Record("0.1.0", Answers("shop", (API, PAGE)), pristine(TREE))


def _write(root: Path, text: str) -> Path:
    (root / RECORD).write_text(text, encoding="utf-8")
    return root


def _error_after(root: Path, old: str, new: str) -> ConfigError:
    text = dump(RECORDED)
    assert old in text
    with pytest.raises(ConfigError) as caught:
        load(_write(root, text.replace(old, new)))
    assert caught.value.mend
    return caught.value


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    assert load(_write(tmp_path, dump(RECORDED))) == RECORDED


def test_a_record_without_services_and_files_is_read_again(tmp_path: Path) -> None:
    bare = Record("0.1.0", Answers("shop"), {})
    assert load(_write(tmp_path, dump(bare))) == bare


def test_the_ci_systems_are_kept_and_only_known_ones_are_read(tmp_path: Path) -> None:
    with_ci = replace(RECORDED, answers=replace(RECORDED.answers, forges=("github", "gitea")))
    assert load(_write(tmp_path, dump(with_ci))) == with_ci
    assert '"ci"' not in dump(RECORDED)
    with pytest.raises(ConfigError, match="there is no such CI system"):
        load(_write(tmp_path, dump(with_ci).replace('"gitea"', '"gitlab"')))


def test_the_file_is_json_with_a_line_for_each_service_and_file() -> None:
    text = dump(RECORDED)
    assert json.loads(text)["format"] == 1
    lines = text.splitlines()
    assert sum('"sha256"' in line for line in lines) == len(TREE)
    assert sum('"kind"' in line for line in lines) == 2


def test_one_changed_file_is_one_changed_line() -> None:
    other = replace(RECORDED, files={**RECORDED.files, **pristine({"README.md": File("other\n")})})
    before, after = dump(RECORDED).splitlines(), dump(other).splitlines()
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_the_order_of_the_files_does_not_matter() -> None:
    turned = dict(reversed(list(RECORDED.files.items())))
    assert dump(replace(RECORDED, files=turned)) == dump(RECORDED)


def test_of_a_lock_file_only_the_digest_is_kept(tmp_path: Path) -> None:
    lock = load(_write(tmp_path, dump(RECORDED))).files["services/api/uv.lock"]
    assert lock == Pristine(digest(b"version = 1\n"))


def test_a_line_stays_as_another_machine_packed_it(tmp_path: Path) -> None:
    text = '# Shop\n\nKäse, ☕ and \\ "quotes".\n'
    ours = b85encode(zlib.compress(text.encode(), 9)).decode()
    theirs = b85encode(zlib.compress(text.encode(), 0)).decode()
    written = dump(RECORDED).replace(ours, theirs)
    assert written != dump(RECORDED)
    assert dump(load(_write(tmp_path, written))) == written


def test_a_checkout_with_other_line_ends_is_read(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_bytes(dump(RECORDED).replace("\n", "\r\n").encode())
    assert load(tmp_path) == RECORDED


def test_a_repository_without_a_record_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no record") as caught:
        load(tmp_path)
    assert "seatrial new" in caught.value.mend


def test_conflicts_of_a_merge_are_named_with_their_line(tmp_path: Path) -> None:
    error = _error_after(tmp_path, '"project"', '<<<<<<< HEAD\n"project"')
    assert "conflict" in error.what
    assert error.where is not None
    assert error.where.line == 5
    assert "both sides" in error.mend


def test_lines_of_both_sides_are_all_that_a_merge_needs(tmp_path: Path) -> None:
    lines = dump(RECORDED).splitlines()
    (last,) = (at for at, line in enumerate(lines) if '"name": "page"' in line)
    ours, theirs = lines[last], lines[last].replace('"page"', '"other"')
    both = [*lines[:last], ours, theirs, *lines[last + 1 :]]
    services = load(_write(tmp_path, "\n".join(both))).answers.services
    assert [service.name for service in services] == ["api", "page", "other"]
    (first,) = (at for at, line in enumerate(lines) if '"name": "api"' in line)
    alone = [*lines[: first + 1], *lines[first + 2 :]]
    services = load(_write(tmp_path, "\n".join(alone))).answers.services
    assert [service.name for service in services] == ["api"]


def test_both_lines_of_one_file_may_stay(tmp_path: Path) -> None:
    text = dump(RECORDED)
    line = next(line for line in text.splitlines() if line.startswith('"empty"'))
    assert load(_write(tmp_path, text.replace(line, f"{line}\n{line}"))) == RECORDED


def test_a_newer_format_asks_for_a_newer_seatrial(tmp_path: Path) -> None:
    error = _error_after(tmp_path, '"format": 1', '"format": 2')
    assert "newer" in error.what
    assert "upgrade" in error.mend


@pytest.mark.parametrize(
    ("old", "new", "said", "line"),
    [
        ('"files": {', '"files": ', "no JSON", 0),
        ('"format": 1', '"format": "x"', "format", 2),
        ('"format": 1,', "", "format", 0),
        ('"version": "0.1.0"', '"version": 3', "version", 4),
        ('"project": "shop"', '"project": "../shop"', "no name", 5),
        ('"name": "api"', '"name": "../api"', "no name", 7),
        ('"name": "page"', '"name": "api"', "twice", 7),
        ('"kind": "fastapi"', '"kind": "cobol"', "cobol", 7),
        ('"backing": "postgres"', '"backing": "tape"', "tape", 7),
        ('"host_port": 8001', '"host_port": "x"', "host_port", 7),
        ('"host_port": 8001', '"other": 8001', "other keys", 6),
        ('"README.md":', '"../README.md":', "does not lie", 11),
        ('"README.md":', '"/README.md":', "does not lie", 11),
        ('"README.md":', '"a//b":', "does not lie", 11),
        ('"sha256"', '"sum"', "no sha256", 11),
        ('"sha256": "', '"sha256": "0', "not what was written", 11),
        ('"text": "', '"text": "!', "spoilt", 11),
        ('"text": "', '"text": [], "x": "', "spoilt", 11),
    ],
)
def test_what_is_spoilt_is_named_with_its_line(
    old: str, new: str, said: str, line: int, tmp_path: Path
) -> None:
    error = _error_after(tmp_path, old, new)
    assert said in error.what
    assert error.where is not None
    assert error.where.file == tmp_path / RECORD
    if line:
        assert error.where.line == line


def _stepping(root: Path, *steps: Step) -> Record:
    files = pristine({step.path: File("new\n") for step in steps if step.after})
    return load(_write(root, dump(Record("0.2.0", Answers("shop"), files, steps))))


def test_of_steps_only_those_that_were_taken_count(tmp_path: Path) -> None:
    old, new = digest(b"old\n"), digest(b"new\n")
    base = pristine({"": File("old\n")})[""]
    for path, text in (("1", "new"), ("2", "edited"), ("4", "new"), ("5", "old"), ("7", "old")):
        (tmp_path / path).write_text(f"{text}\n")
    record = _stepping(
        tmp_path,
        Step("1", old, new, base),
        Step("2", old, new, base),
        Step("3", old, "", base),
        Step("4", "", new),
        Step("5", old, new, base),
        Step("6", "", new),
        Step("7", old, "", base),
    )
    made = pristine({"": File("new\n")})[""]
    assert record.files == {"1": made, "2": made, "4": made, "5": base, "7": base}
    assert record.steps == ()
    assert '"steps"' not in dump(record)


@pytest.mark.parametrize(
    "steps",
    [
        "3",
        "[3]",
        "[{}]",
        '[{"path": "a", "before": "", "after": 3}]',
        '[{"path": "../a", "before": "", "after": "", "base": {"sha256": ""}}]',
        '[{"path": "../a", "before": "", "after": "", "base": null}]',
    ],
)
def test_spoilt_steps_are_named(steps: str, tmp_path: Path) -> None:
    _error_after(tmp_path, '"files": {', f'"steps": {steps},\n"files": {{')


@pytest.mark.parametrize("text", ["", "[]", "3", "null", "{}"])
def test_another_document_is_no_record(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(_write(tmp_path, text))
    assert "history" in caught.value.mend


def test_bytes_that_are_no_text_are_no_record(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_bytes(b"\xff\xfe{}")
    with pytest.raises(ConfigError, match="no text"):
        load(tmp_path)
