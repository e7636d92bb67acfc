"""Where exit code and report disagree, the verdict is fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.model.result import Counts, Doubt, Verdict
from seatrial.runners.verdict import Evidence, judge

GOOD = Counts(passed=3)
BAD = Counts(passed=2, failed=1)


@pytest.mark.parametrize(
    ("evidence", "verdict", "doubt"),
    [
        (Evidence(0, GOOD), Verdict.PASSED, Doubt.NONE),
        (Evidence(1, BAD), Verdict.FAILED, Doubt.NONE),
        (Evidence(0, BAD), Verdict.FAILED, Doubt.EXIT_ZERO),
        (Evidence(1, GOOD), Verdict.FAILED, Doubt.EXIT_NONZERO),
        (Evidence(-9, GOOD, complete=False), Verdict.FAILED, Doubt.REPORT_CUT),
        (Evidence(0, GOOD, complete=False), Verdict.FAILED, Doubt.REPORT_CUT),
        (Evidence(0, GOOD, unfinished=True), Verdict.FAILED, Doubt.REPORT_CUT),
        (Evidence(0, GOOD, crashed=True), Verdict.FAILED, Doubt.WORKER_CRASHED),
        (Evidence(2, Counts(error=1), collection_errors=True), Verdict.FAILED, Doubt.COLLECTION),
        (Evidence(4, Counts(), usage=True, reported=False), Verdict.FAILED, Doubt.USAGE),
        (Evidence(5, Counts(), none=True), Verdict.NO_TESTS, Doubt.NONE),
        (Evidence(0, Counts()), Verdict.NO_TESTS, Doubt.NONE),
        (Evidence(0, Counts(skipped=2)), Verdict.PASSED, Doubt.NONE),
        (Evidence(0, GOOD, reported=False), Verdict.PASSED, Doubt.NO_REPORT),
        (
            Evidence(0, Counts(), reported=False, understood=False),
            Verdict.FAILED,
            Doubt.NO_REPORT,
        ),
        (
            Evidence(0, Counts(), reported=False, understood=False, trusted=True),
            Verdict.PASSED,
            Doubt.NO_REPORT,
        ),
        (
            Evidence(3, Counts(), reported=False, understood=False, trusted=True),
            Verdict.FAILED,
            Doubt.NONE,
        ),
    ],
)
def test_evidence_is_judged(evidence: Evidence, verdict: Verdict, doubt: Doubt) -> None:
    assert judge(evidence) == (verdict, doubt)


@given(
    st.builds(
        Evidence,
        exit_code=st.integers(-15, 5),
        counts=st.builds(Counts, *[st.integers(0, 2)] * 6),
        **dict.fromkeys(
            ("reported", "complete", "understood", "unfinished", "collection_errors"),
            st.booleans(),
        ),
        crashed=st.booleans(),
        trusted=st.booleans(),
    )
)
def test_nothing_passes_with_a_failure_a_crash_or_a_bad_exit_code(evidence: Evidence) -> None:
    verdict, _ = judge(evidence)
    if evidence.exit_code or evidence.counts.bad or evidence.crashed or evidence.collection_errors:
        assert verdict is not Verdict.PASSED
