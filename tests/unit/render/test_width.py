from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.render.style import Span, cut, text_of
from seatrial.render.width import cells, clean, fit, one_line, pad


@pytest.mark.parametrize(
    ("text", "width"),
    [("price-db", 8), ("价格服务", 8), ("e\u0301te\u0301", 3), ("ﾊﾝｶｸ", 4), ("ＡＢ", 4), ("", 0)],
)
def test_wide_characters_take_two_columns_and_combining_ones_none(text: str, width: int) -> None:
    assert cells(text) == width


@pytest.mark.parametrize(
    ("text", "width", "middle", "shown"),
    [
        ("orchestrator", 12, False, "orchestrator"),
        ("orchestrator", 8, False, "orchest…"),
        ("orchestrator", 8, True, "orch…tor"),
        ("价格服务", 6, False, "价格…"),
        ("价格服务", 6, True, "价…务"),
        ("orchestrator", 1, True, "…"),
        ("orchestrator", 0, True, ""),
    ],
)
def test_what_does_not_fit_is_cut_with_an_ellipsis(
    text: str, width: int, middle: bool, shown: str
) -> None:
    assert fit(text, width, middle=middle) == shown


def test_an_ascii_terminal_gets_two_dots() -> None:
    assert fit("orchestrator", 8, ascii=True) == "orches.."


@given(st.text(), st.integers(-2, 30), st.booleans(), st.booleans())
@settings(deadline=None)
def test_a_fitted_text_is_never_wider_than_asked(
    text: str, width: int, middle: bool, ascii: bool
) -> None:
    assert cells(fit(one_line(text), width, middle=middle, ascii=ascii)) <= max(width, 0)


@given(st.text(), st.integers(0, 30))
@settings(deadline=None)
def test_a_padded_text_is_at_least_as_wide_as_asked(text: str, width: int) -> None:
    assert cells(pad(one_line(text), width)) >= width


@given(st.lists(st.text()), st.integers(0, 30))
@settings(deadline=None)
def test_a_cut_line_is_never_wider_than_asked(texts: list[str], width: int) -> None:
    spans = tuple(Span(one_line(text)) for text in texts)
    assert cells(text_of(cut(spans, width))) <= width


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\tb\r\nc\x07", "a    b\nc"),
        ("\u202etxt.exe", "txt.exe"),
        ("\x9b2Jgone", "gone"),
    ],
)
def test_what_would_move_or_colour_the_terminal_is_taken_out(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text())
@settings(deadline=None)
def test_a_cleaned_line_holds_no_control_character(text: str) -> None:
    assert not any(character < " " or "\x7f" <= character < "\xa0" for character in one_line(text))
