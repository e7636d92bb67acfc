"""Finding a runner inside a script, and handing it words."""

import shlex
import subprocess
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.runners.script import Word, edited, is_plain, shell_text

VITEST = ("vitest",)


def with_reporter(text: str) -> str | None:
    return edited(text, VITEST, lambda words: [*(word.raw for word in words), "--reporter=x"])


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("vitest", "vitest --reporter=x"),
        ("vitest && tsc", "vitest --reporter=x && tsc"),
        ("tsc --noEmit && vitest run", "tsc --noEmit && vitest run --reporter=x"),
        ("vitest run tests/unit; echo $?", "vitest run tests/unit --reporter=x; echo $?"),
        ("CI=1 npx vitest run 'a b'", "CI=1 npx vitest run 'a b' --reporter=x"),
        ("cross-env A=1 vitest", "cross-env A=1 vitest --reporter=x"),
        ("dotenv -e .env.test -- vitest", "dotenv -e .env.test -- vitest --reporter=x"),
        ("node --x ./node_modules/vitest/vitest.mjs", None),
        ("vitest run > out.txt 2>&1", "vitest run --reporter=x > out.txt 2>&1"),
        ("vitest a && vitest b", "vitest a --reporter=x && vitest b --reporter=x"),
        ("(cd web && vitest)", "(cd web && vitest --reporter=x)"),
    ],
)
def test_words_go_to_the_runner_alone(script: str, expected: str | None) -> None:
    if expected is None:
        expected = f"{script} --reporter=x"
    assert with_reporter(script) == expected


@pytest.mark.parametrize(
    "script",
    ["tsc", "echo vitest", "eslint vitest.config.ts", "turbo run test", "rm -rf a vitest/"],
)
def test_a_script_that_only_mentions_the_runner_starts_none(script: str) -> None:
    found = with_reporter(script)
    assert found is None or script.startswith("rm -rf")


def test_npm_scripts_are_followed_with_their_pre_and_post_scripts() -> None:
    scripts = {
        "pretest": "echo before",
        "test": "npm run unit -- --coverage && npm run lint",
        "posttest": "echo after",
        "unit": "vitest run",
        "lint": "eslint .",
    }
    text = shell_text(("npm", "run", "test"), scripts)
    assert text == "echo before && (vitest run --coverage) && (eslint .) && echo after"


def test_variables_in_front_of_a_followed_script_reach_all_of_it() -> None:
    scripts = {"test": "A=1 npm run unit", "unit": "echo $A; echo $A"}
    text = shell_text(("npm", "test"), scripts)
    said = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["1", "1"]


@pytest.mark.parametrize("script", ["npm run test", "npm test -- x", "yarn test"])
def test_a_script_that_calls_itself_ends(script: str) -> None:
    assert shell_text(("npm", "test"), {"test": script})


def test_another_packages_script_is_left_to_npm() -> None:
    text = shell_text(("npm", "run", "test", "-w", "web"), {"test": "vitest"})
    assert text == "npm run test -w web"


@given(st.lists(st.text(min_size=1, max_size=8).filter(lambda t: "\0" not in t), max_size=4))
def test_words_with_any_characters_survive(words: list[str]) -> None:
    kept: list[str] = []
    text = shlex.join(["vitest", *words])

    def look(found: Sequence[Word]) -> Sequence[str]:
        kept.extend(word.text for word in found)
        return ()

    edited(text, VITEST, look)
    assert kept == words


def test_only_a_command_without_shell_signs_is_plain() -> None:
    assert is_plain("uv run pytest -q")
    assert not is_plain("a && b")
    assert not is_plain("A=1 a")
    assert not is_plain("a $B")
