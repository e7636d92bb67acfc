from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from seatrial import events
from seatrial.events import Event
from seatrial.history.model import PastSuite
from seatrial.model.project import Stage
from seatrial.model.result import Outcome, SuiteResult, TestResult, Verdict
from seatrial.render.html.markup import html
from seatrial.render.html.page import page_of
from tests.unit.render import runs

EVIL = "</script><script>alert(1)</script>\"'<img src=x onerror=alert(2)>"


class Seen(HTMLParser):
    """What a reader of the page finds: elements, attributes, ids, balance."""

    EMPTY = frozenset({"meta", "input", "path", "img", "link", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in self.EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def evil_run() -> list[Event]:
    """A run in which every text that somebody else chose is markup."""
    plan = replace(runs.planned(Stage.SERVICE, EVIL), folder=EVIL)
    test = TestResult(EVIL, Outcome.FAILED, 9.0, EVIL, EVIL, EVIL, 3, again=EVIL)
    test = replace(test, phases=((EVIL, 1.0),))
    first = replace(runs.started(plan), project=EVIL, branch=EVIL, commit=EVIL, version=EVIL)
    return runs.finish(
        [
            first,
            events.Noticed(0.0, events.Notice.PINNED, EVIL, EVIL),
            events.RuntimeChosen(0.0, EVIL, events.RuntimeReason.ASKED, EVIL),
            *runs.environment(plan.environment, 0.0, 1.0, EVIL),
            events.SuiteStarted(1.0, plan.id, EVIL),
            events.TestFinished(9.0, plan.id, test),
            events.ServiceLogged(9.0, plan.environment, EVIL, EVIL, plan.id, test.id),
            events.SuiteFinished(9.5, SuiteResult(plan.id, Verdict.FAILED, 9.0, failures=(test,))),
        ],
        [plan],
        1,
        Verdict.FAILED,
    )


def document(log: list[Event], rows: list[PastSuite] | None = None) -> str:
    return html(page_of(log, rows))


@pytest.mark.parametrize(
    "log",
    [runs.three_services(), runs.three_services(good=False), runs.no_environment(), []],
    ids=["good", "bad", "no-environment", "nothing"],
)
def test_the_page_is_whole_and_asks_nobody_for_anything(log: list[Event]) -> None:
    text = document(log)
    seen = Seen(text)
    assert text.count("<!doctype html>") == 1
    assert {"link", "img", "iframe"}.isdisjoint(seen.elements)
    assert {"src", "srcset", "data", "xlink:href"}.isdisjoint(name for name, _ in seen.attributes)
    links = [value for name, value in seen.attributes if name == "href"]
    ids = [value for name, value in seen.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {link for link in links if link.removeprefix("#") not in ids} == set()
    assert not re.search(r"url\(|@import|https?://", text)


def test_no_text_of_a_run_becomes_markup() -> None:
    log = evil_run()
    rows = [PastSuite(f"service:{EVIL}", EVIL, 1.7e9, EVIL, 1.0, 1, 1)]
    seen = Seen(document(log, rows))
    assert seen.elements.count("script") == 1
    assert "img" not in seen.elements
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    # The title, the heading, the test, its message, its trace, its logs, how to run it again ...
    assert seen.text.count("alert(1)") > 15


def test_controls_and_half_characters_do_not_reach_the_page() -> None:
    log = runs.three_services(good=False)
    first = log[0]
    assert isinstance(first, events.RunStarted)
    log[0] = replace(first, project="\x1b[31mred\x00\x9b2J\u202e\udce9")
    text = document(log)
    assert "red" in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_a_history_that_could_not_be_read_is_told() -> None:
    assert "The history could not be read." in document(runs.three_services(), None)
    assert "has a history yet" in document(runs.three_services(), [])


def test_only_our_own_script_may_run() -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', document([]))
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
    assert rules["default-src"] == "'none'"
    assert re.fullmatch(r"'sha256-[\w+/]{43}='", rules["script-src"])
