"""Findings for programs: JSON, SARIF, annotations, JUnit, diffs."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import jsonschema
import pytest

from seatrial.lint.model import Severity
from seatrial.lint.registry import all_rules
from seatrial.render.lint.diff import diff_lines
from seatrial.render.lint.explain import explain_lines
from seatrial.render.lint.github import github_lines
from seatrial.render.lint.json_document import lint_json
from seatrial.render.lint.junit import lint_junit
from seatrial.render.lint.sarif import FINGERPRINT, MOST_RESULTS, sarif
from tests.support.sarif import sarif_schema
from tests.unit.render.lint.reports import FILE, TEXT, finding, privileged, report, silenced
from tests.unit.render.test_junit import assert_shape


def test_json_has_a_version_relative_paths_and_counts() -> None:
    suppressed = silenced(privileged(), "it is the agent")
    document = json.loads(
        lint_json(report(finding(replaced_by='"5432"'), suppressed=(suppressed,)))
    )
    assert document["v"] == 1
    assert document["findings"] == [
        {
            "code": "SEA101",
            "name": "fixed-port-in-test",
            "severity": "error",
            "file": FILE,
            "line": 5,
            "column": 9,
            "end_line": 5,
            "end_column": 20,
            "what": "db takes port 5432 of the host",
            "mend": "leave the host's port out",
            "fixable": True,
        }
    ]
    assert document["suppressed"][0]["reason"] == "it is the agent"
    counted = {"errors": 1, "warnings": 0, "notes": 0, "fixable": 1, "suppressed": 1, "files": 3}
    assert document["counts"].items() >= counted.items()


def _sarif(*findings: Any, **more: Any) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(sarif(report(*findings, **more), all_rules()))
    jsonschema.validate(log, sarif_schema())
    run: dict[str, Any] = log["runs"][0]
    return run


def test_sarif_keeps_to_its_schema_whatever_was_found() -> None:
    broken = finding(code="SEA901", name="broken-file", part="services")
    run = _sarif(
        finding(replaced_by=""),
        privileged(),
        broken,
        suppressed=(silenced(finding(), "the port is the product"),),
    )
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    assert len({rule["id"] for rule in rules}) == len(rules) > len(all_rules()) - 1


def test_sarif_without_a_finding_is_valid() -> None:
    assert _sarif()["results"] == []


def test_sarif_says_what_is_suppressed_and_why() -> None:
    by_comment = silenced(finding(), "the port is the product")
    by_baseline = silenced(privileged(), "baseline")
    results = _sarif(finding(), suppressed=(by_comment, by_baseline))["results"]
    assert [result["suppressions"] for result in results] == [
        [],
        [{"kind": "inSource", "justification": "the port is the product"}],
        [{"kind": "external", "justification": "baseline"}],
    ]


def test_sarif_carries_fixes_as_regions_and_texts() -> None:
    fix = _sarif(finding(replaced_by='"5432"'))["results"][0]["fixes"][0]
    change = fix["artifactChanges"][0]
    assert change["artifactLocation"] == {"uri": FILE, "uriBaseId": "%SRCROOT%"}
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 5, "startColumn": 9, "endLine": 5, "endColumn": 20},
            "insertedContent": {"text": '"5432"'},
        }
    ]


def _fingerprint(text: str, number: int = 0) -> str:
    run = _sarif(*[finding(text)] * (number + 1), text=text)
    found: str = run["results"][number]["partialFingerprints"][FINGERPRINT]
    return found


def test_a_fingerprint_stays_when_lines_move_and_changes_with_its_line() -> None:
    assert _fingerprint(TEXT) == _fingerprint(f"# a comment\n\n{TEXT}")
    assert _fingerprint(TEXT) == _fingerprint(TEXT.replace("      -", "    -"))
    assert _fingerprint(TEXT) != _fingerprint(TEXT.replace("- ", "- !!str "))
    assert _fingerprint(TEXT) != _fingerprint(TEXT, number=1)


def test_sarif_holds_25000_results_the_worst_first_and_tells_of_the_rest() -> None:
    many = report(*[privileged()] * MOST_RESULTS, finding())
    run = json.loads(sarif(many, all_rules()))["runs"][0]
    assert len(run["results"]) == MOST_RESULTS
    assert run["results"][0]["level"] == "error"
    told = run["invocations"][0]["toolExecutionNotifications"]
    assert told[-1]["message"]["text"].startswith("1 more results are left out")


def test_paths_of_sarif_are_uris() -> None:
    run = _sarif(finding(file="a b/größe.yml"))
    location = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == "a%20b/gr%C3%B6%C3%9Fe.yml"


def test_annotations_are_escaped() -> None:
    odd = finding(file="a,b:c.yml", what="100% of\nit", mend="")
    assert next(iter(github_lines(report(odd)))) == (
        "::error file=a%2Cb%3Ac.yml,line=5,endLine=5,col=9,endColumn=20,"
        "title=SEA101 fixed-port-in-test::100%25 of%0Ait"
    )


def test_annotations_are_ten_of_a_type_the_worst_first_and_the_rest_is_counted() -> None:
    note = finding(severity=Severity.NOTE)
    lines = list(github_lines(report(*[note] * 12, *[privileged()] * 11, *[finding()] * 13)))
    commands = [line.split(" ")[0] for line in lines if line.startswith("::")]
    assert commands[:31] == [*["::error"] * 10, *["::warning"] * 10, *["::notice"] * 9, *_REST]
    assert (
        "::notice::+3 more errors, +1 more warning, +3 more notes: see the log of this step"
        in lines
    )
    assert sum(line.startswith(FILE) for line in lines) == 36


_REST = ["::notice::+3", "::group::All"]


def test_few_annotations_come_without_a_list() -> None:
    lines = list(github_lines(report(finding())))
    assert len(lines) == 2
    assert lines[1] == "1 error in 1 of 3 files"


def test_junit_has_a_suite_for_a_file_and_a_case_for_a_rule() -> None:
    note = finding(severity=Severity.NOTE, code="SEA999", name="note")
    quiet = silenced(finding(code="SEA998", name="quiet"), "known \x00")
    root = Xml.fromstring(
        lint_junit(report(finding(), finding(), privileged(), note, suppressed=(quiet,)))
    )
    assert_shape(root)
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "4",
        "failures": "2",
        "errors": "0",
    }
    cases = {case.get("name", ""): case for case in root.iter("testcase")}
    failure = cases["SEA101 fixed-port-in-test"].find("failure")
    assert failure is not None
    assert failure.get("message") == f"{FILE}:5:9: db takes port 5432 of the host (+1 more)"
    assert cases["SEA999 note"].find("failure") is None
    skipped = cases["SEA998 quiet"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == r"known \x00"


def test_junit_without_a_finding_has_one_case_that_passes() -> None:
    root = Xml.fromstring(lint_junit(report()))
    assert_shape(root)
    assert (root.get("tests"), root.get("failures")) == ("1", "0")


@pytest.mark.parametrize("text", [TEXT, TEXT.rstrip("\n"), TEXT.replace("\n", "\r\n")])
def test_git_takes_the_diff(tmp_path: Path, text: str) -> None:
    after = text.replace('"5432:5432"', '"5432"').replace("true", "false")
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_bytes(text.encode())
    lines = diff_lines(Path(FILE), text, after)
    patch = "".join(f"{line}\n" for line in lines).encode()
    git = ["git", "apply", "--whitespace=nowarn", "-"]
    subprocess.run(git, cwd=tmp_path, input=patch, check=True)
    assert (tmp_path / FILE).read_bytes() == after.encode()


def test_a_diff_on_a_terminal_shows_no_secret() -> None:
    before = "environment:\n  DB_PASSWORD: hunter22rose\n  FAST: true\n"
    after = before.replace("true", '"true"')
    shown = "\n".join(diff_lines(Path(FILE), before, after, hide=True))
    assert "hunter22rose" not in shown
    assert "   DB_PASSWORD: ***" in shown
    assert '+  FAST: "true"' in shown


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_every_rule_explains_itself(rule: Any) -> None:
    lines = list(explain_lines(rule))
    assert lines[0].startswith(f"{rule.code} {rule.name}: {rule.severity}")
    assert [line for line in lines if line in ("Why", "Example", "Better", "Mend")] == [
        "Why",
        "Example",
        "Better",
        "Mend",
    ]
    assert not any(line.startswith("```") for line in lines)


def test_a_report_of_a_file_that_could_not_be_read_is_shown_by_all() -> None:
    found = replace(report(finding(code="SEA901", name="broken-file")), sources={})
    jsonschema.validate(json.loads(sarif(found, all_rules())), sarif_schema())
    assert "SEA901" in lint_json(found)
    assert "SEA901" in lint_junit(found)
    assert any("SEA901" in line for line in github_lines(found))
