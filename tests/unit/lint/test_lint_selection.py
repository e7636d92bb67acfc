"""Which rules look where."""

from __future__ import annotations

import pytest

from seatrial.errors import ConfigError, UsageError
from tests.unit.lint.workbench import PRIVILEGED, PROBE, Bench

HIT = f"compose.yml:4 {PROBE}"


@pytest.mark.parametrize(
    ("select", "ignore", "looks"),
    [
        ((), (), True),
        (["SEA3"], (), True),
        (["SEA"], (), True),
        (["security"], (), True),
        (["pattern", "SEA303"], (), True),
        (["SEA2"], (), False),
        (["pattern"], (), False),
        ((), [PROBE], False),
        ((), ["security"], False),
        (["SEA3"], ["SEA303"], False),
        # The longer code is the one that was meant.
        (["SEA303"], ["SEA3"], True),
        (["SEA303"], ["SEA303"], False),
    ],
)
def test_the_longest_name_of_a_rule_decides(
    bench: Bench, select: list[str], ignore: list[str], looks: bool
) -> None:
    bench.lay({"compose.yml": PRIVILEGED})
    assert (HIT in bench.found(select=select, ignore=ignore)) is looks


@pytest.mark.parametrize(
    ("toml", "looks"),
    [
        ('select = ["SEA2"]', False),
        ('ignore = ["SEA303"]', False),
        ('select = "security"', True),
        ('per-path = { "compose.yml" = "SEA303" }', False),
        ('per-path = { "*.yml" = "SEA3" }', False),
        ('per-path = { "**/compose.yml" = "security" }', False),
        ('per-path = { "deploy" = "SEA303" }', True),
        ('per-path = { "comp*/x.yml" = "SEA303" }', True),
    ],
)
def test_the_file_says_which_rules_look_where(bench: Bench, toml: str, looks: bool) -> None:
    bench.lay({"compose.yml": PRIVILEGED, "seatrial.toml": f"[lint]\n{toml}\n"})
    assert (HIT in bench.found()) is looks


def test_a_folder_stands_for_all_that_is_in_it(bench: Bench) -> None:
    bench.lay(
        {
            "deploy/dev/compose.yml": PRIVILEGED,
            "deploy/prod/compose.yml": PRIVILEGED,
            "seatrial.toml": '[lint.per-path]\n"deploy/dev" = "SEA303"\n',
        }
    )
    assert bench.found(select=[PROBE]) == ["deploy/prod/compose.yml:4 SEA303"]


def test_the_command_line_takes_the_place_of_the_files_choice(bench: Bench) -> None:
    bench.lay({"compose.yml": PRIVILEGED, "seatrial.toml": '[lint]\nignore = ["SEA303"]\n'})
    assert HIT not in bench.found()
    assert bench.found(select=[PROBE]) == [HIT]


def test_a_word_that_names_no_rule_is_refused_with_the_nearest(bench: Bench) -> None:
    with pytest.raises(UsageError, match="no rule is called 'SEA333'") as caught:
        bench.lint(select=["SEA333"])
    assert caught.value.mend.startswith("did you mean SEA3")
    bench.lay({"seatrial.toml": '[lint]\n[lint.per-path]\n"a" = ["securty"]\n'})
    with pytest.raises(ConfigError) as refused:
        bench.lint()
    assert "did you mean security?" in refused.value.mend
    assert str(refused.value.where).endswith("seatrial.toml:1")


def test_a_broken_file_is_told_of_whatever_was_asked_for(bench: Bench) -> None:
    bench.lay({"compose.yml": "services: [\n"})
    assert bench.found(select=[PROBE]) == ["compose.yml:2 SEA901"]
    assert bench.found(select=[PROBE], ignore=["SEA901"]) == []
