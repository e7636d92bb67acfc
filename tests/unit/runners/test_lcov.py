from hypothesis import given
from hypothesis import strategies as st

from seatrial.model.coverage import Branch, CoverageReport, FileCoverage
from seatrial.render.coverage.lcov import lcov
from seatrial.runners.lcov import read

# As vitest, jest and coverage.py write them.
TEXT = """\
TN:
SF:src/page.ts
FN:1,title
FNDA:3,title
DA:1,3
DA:2,0,checksum==
LF:2
BRDA:1,0,0,3
BRDA:1,0,1,-
end_of_record
SF:app/core.py
DA:13,1
BRDA:13,0,jump to line 14, or not,0
end_of_record
SF:cut.py
DA:1,1
"""


def test_lines_and_branches_are_read_and_half_a_record_is_not() -> None:
    page, core = read(TEXT)
    assert page == FileCoverage(
        "src/page.ts", {1: 3, 2: 0}, {Branch(1, "0", "0"): 3, Branch(1, "0", "1"): 0}
    )
    assert core.branches == {Branch(13, "0", "jump to line 14, or not"): 0}


def test_what_is_no_lcov_is_nothing() -> None:
    assert list(read("DA:1,1\nSF:a\nDA:x,y\nDA:\nBRDA:,,\nBRDA:1\n\0\nend_of_record\n")) == [
        FileCoverage("a")
    ]


BRANCHES = st.builds(Branch, st.integers(1, 9), st.sampled_from("01"), st.sampled_from("xy"))
FILES = st.builds(
    FileCoverage,
    st.text("ab/.", min_size=1),
    st.dictionaries(st.integers(1, 50), st.integers(0, 9)),
    st.dictionaries(BRANCHES, st.integers(0, 9)),
)


@given(FILES)
def test_what_is_written_is_read_again(file: FileCoverage) -> None:
    (again,) = read(lcov(CoverageReport((file,), ())))
    ran = {b: hits if file.lines.get(b.line, 1) else 0 for b, hits in file.branches.items()}
    assert again == FileCoverage(file.path, file.lines, ran)
