from __future__ import annotations

from textwrap import dedent

from seatrial.insight.javascript import Scripts
from seatrial.insight.model import EACH, Cause, CauseKind
from seatrial.model.result import Outcome, TestResult

FOLDER = "services/page"
FILE = "tests/unit/page.test.ts"
PLACE = f"{FOLDER}/{FILE}"
SLEEP = "await new Promise((resolve) => setTimeout(resolve, 2000));"


def took(name: str, seconds: float) -> TestResult:
    return TestResult(f"{FILE} > {name}", Outcome.PASSED, seconds)


def of(text: str, *results: TestResult) -> tuple[Cause, ...] | None:
    """Return the causes of the first of ``results``."""
    texts = {PLACE: dedent(text)}
    return Scripts(FOLDER, texts.get, results).of(results[0])


def sleep(line: int, seconds: float = 2.0) -> Cause:
    return Cause(CauseKind.SLEEP, PLACE, line, seconds, seconds)


def test_a_sleep_in_a_test_is_found() -> None:
    text = f"""\
        import {{ test }} from "vitest";
        test("is late", async () => {{
          {SLEEP}
        }});
        test("is not", async () => {{}});
        """
    assert of(text, took("is late", 2.01)) == (sleep(3),)
    assert of(text, took("is late", 1.0)) == ()
    assert of(text, took("is not", 2.01)) == ()


def test_sleeps_that_may_not_happen_or_happen_often_are_no_cause() -> None:
    for around in ("if (late)", "for (const one of all)", "const later = async () =>"):
        text = f'test("x", async () => {{ {around} {{ {SLEEP} }} }});\n'
        assert of(text, took("x", 2.01)) == ()
    assert of(f'test("x", async () => {{ // {SLEEP}\n }});\n', took("x", 2.01)) == ()


def test_a_deadline_that_took_as_long_as_the_test_was_waited_out() -> None:
    text = """\
        it("waits", async () => {
          await vi.waitFor(() => check(), { timeout: 2_000 });
        });
        it("asks", async () => {
          await fetch(url, { signal: AbortSignal.timeout(3000) });
        });
        """
    assert of(text, took("waits", 2.02)) == (Cause(CauseKind.TIMEOUT, PLACE, 2, 2.0, 2.0),)
    assert of(text, took("asks", 3.02)) == (Cause(CauseKind.TIMEOUT, PLACE, 5, 3.0, 3.0),)
    assert of(text, took("asks", 1.0)) == ()


HOOKS = f"""\
    describe("a page", () => {{
      beforeEach(async () => {{
        {SLEEP}
      }});
      it("opens", () => {{}});
      it("closes", () => {{}});
    }});
    it("opens", () => {{}});
    """


def test_a_hook_that_each_test_pays_for_is_too_narrow() -> None:
    results = (took("a page > opens", 2.01), took("a page > closes", 2.01), took("opens", 0.01))
    again = Cause(CauseKind.FIXTURE, PLACE, 2, 2.0, 2.0, "beforeEach", scope=EACH, tests=2)
    assert of(HOOKS, *results) == (sleep(3), again)
    assert of(HOOKS, took("opens", 2.01), *results) == ()
    assert of(HOOKS, took("a page > opens", 2.01)) == (sleep(3),)


def test_a_test_that_cannot_be_told_from_another_is_not_read() -> None:
    assert of('test.each(all)("is %s", () => {});\n', took("is red", 2.0)) is None
    assert of('test("x", () => {});\ntest("x", () => {});\n', took("x #2", 2.0)) is None
    assert of("", took("x", 2.0)) is None
    assert of('test("x", ', took("x", 2.0)) is None
    assert Scripts(FOLDER, lambda _: None, ()).of(took("x", 2.0)) is None
