"""What the documentation says must be so: links, generated pages, commands, snippets."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from seatrial.cli.app import VERBS, app
from seatrial.composefile.load import load
from seatrial.config import parse
from seatrial.lint.registry import all_rules

ROOT = Path(__file__).resolve().parents[2]
FRONT = sorted(ROOT.glob("*.md"))
PAGES = [*FRONT, *sorted((ROOT / "docs").rglob("*.md")), ROOT / "examples/shop/README.md"]
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_PROMPTS = ("$ ", "# ")
_CODE = re.compile(r"`([^`\n]+)`")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Pages of rules show what is wrong; tests/mdtest holds them to their rules.
RULES = ROOT / "docs/reference/lint"


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _blocks(*languages: str) -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        if page.parent == RULES:
            continue
        for language, text in _FENCE.findall(page.read_text()):
            if language in languages:
                yield page, text


def _commands() -> Iterator[tuple[str, str]]:
    """Yield each line that a reader is to type: after a prompt, or any line of a script."""
    for page, text in _blocks("console"):
        yield from ((_name(page), line[2:]) for line in text.splitlines() if line[:2] in _PROMPTS)
    for page, text in _blocks("sh", "text", "yaml"):
        yield from ((_name(page), line) for line in text.splitlines())
    for page in PAGES:
        yield from ((_name(page), code) for code in _CODE.findall(_prose(page)))


def _prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text())


def _seatrial_lines() -> list[tuple[str, str]]:
    """Return what follows `seatrial` in each of them, up to a pipe or comment."""
    found = (
        (page, match.group(1).strip())
        for page, line in _commands()
        for match in re.finditer(
            r"""(?:^|[&(]|again: |- run: |\w=\S+) ?seatrial ([^|&;)#>]*)""", line
        )
    )
    # An explanation stands two blanks behind its command; an ellipsis is for words left out.
    return sorted({(page, re.split("  |…", words)[0]) for page, words in found})


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    text = _FENCE.sub("", page.read_text())
    targets = [link.split("#")[0] for link in _LINK.findall(text) if "://" not in link]
    missing = [t for t in targets if t and not (page.parent / t).exists()]
    assert missing == []


@pytest.mark.parametrize(("page", "line"), _seatrial_lines())
def test_every_command_that_a_page_shows_can_be_given(page: str, line: str) -> None:
    words = shlex.split(line)
    words = words[2:] if words[:1] == ["-C"] else words
    # "seatrial 0.1.0: …" is what it prints and no command.
    if not words or words[0][0].isdigit() or words[0] in ("--help", "--version"):
        return
    assert words[0] in VERBS, page
    command = app.get_command(click.Context(app), words[0])
    assert command is not None
    # A verb alone is its name in a sentence; some cannot be given without more.
    if len(words) > 1:
        command.make_context(words[0], words[1:])


def _parts(verb: click.Group) -> list[click.Command]:
    return list(verb.commands.values())


def test_every_option_that_a_guide_names_exists() -> None:
    verbs = [app, *(app.get_command(click.Context(app), verb) for verb in VERBS)]
    verbs += [one for verb in verbs if isinstance(verb, click.Group) for one in _parts(verb)]
    known = {o for verb in verbs if verb for p in verb.params for o in (*p.opts, *p.secondary_opts)}
    others = "engine-for-tests.md"  # names the options of scripts/engine
    guides = [p for p in PAGES if p.parent.name in ("tutorial", "how-to") and p.name != others]
    named = {
        (_name(page), option)
        for page in [*guides, *FRONT]
        for code in _CODE.findall(_prose(page))
        for option in re.findall(r"(?:^| )(--[a-z][a-z-]*)", code)
    }
    assert named
    assert {(page, option) for page, option in named if option not in known} == set()


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shop = (ROOT / "examples/shop/Makefile").read_text()
    targets |= set(re.findall(r"^([a-z0-9-]+):", shop, re.MULTILINE))
    named = {
        (page, target)
        for page, line in _commands()
        for target in re.findall(r"(?:^|&& |= ?1 )make ([a-z][a-z0-9-]*)", line)
    }
    assert named
    assert {(page, target) for page, target in named if target not in targets} == set()


@pytest.mark.parametrize(
    ("page", "text"), list(_blocks("toml")), ids=lambda v: getattr(v, "name", "")
)
def test_every_toml_snippet_is_a_valid_configuration(page: Path, text: str) -> None:
    parse(text, page)


def test_every_compose_snippet_loads(tmp_path: Path) -> None:
    snippets = [(p, t) for p, t in _blocks("yaml", "yml") if t.startswith("services:")]
    assert snippets
    for number, (_, text) in enumerate(snippets):
        file = tmp_path / str(number) / "docker-compose.yml"
        file.parent.mkdir()
        file.write_text(text)
        assert load([file], {}).services


def test_the_generated_pages_are_what_their_generators_write() -> None:
    check = [sys.executable, str(ROOT / "scripts/reference"), "--check"]
    answer = subprocess.run(check, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_the_index_of_decisions_lists_each_of_them() -> None:
    index = (ROOT / "docs/adr/README.md").read_text()
    records = {path.name for path in (ROOT / "docs/adr").glob("0*.md")}
    assert set(re.findall(r"\((0[^)]*\.md)\)", index)) == records


def test_the_front_page_names_every_page_of_the_documentation() -> None:
    index = ROOT / "docs/index.md"
    linked = _linked(index)
    pages = {p for p in (ROOT / "docs").rglob("*.md") if p.parent.name != "adr" and p != index}
    pages -= set(RULES.glob("SEA*.md"))
    assert {_name(page) for page in pages if page.resolve() not in linked} == set()


def test_the_table_of_rules_links_the_page_of_each() -> None:
    pages = {page.resolve() for page in RULES.glob("SEA*.md")}
    assert {page.stem for page in pages} == {rule.code for rule in all_rules()}
    assert pages <= _linked(RULES / "index.md")


def _linked(page: Path) -> set[Path]:
    return {(page.parent / link).resolve() for link in _LINK.findall(page.read_text())}
