"""RUN lines that build something are run in a copy, once, and their result is what starts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from seatrial.errors import DeadlinePassed, EnvironmentFailure, RuntimeMissing
from seatrial.events import Phase, PhaseFinished
from seatrial.toolchains.locks import EnvironmentLock
from tests.support.local import Checkout, ask
from tests.support.loop import in_a_loop

pytestmark = [pytest.mark.local, pytest.mark.node]
PROJECT = Path(__file__).parents[1] / "projects" / "built"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    shutil.copytree(PROJECT, tmp_path / "repo")
    return Checkout(tmp_path / "repo", tmp_path / "state")


def builds(checkout: Checkout) -> list[tuple[str, bool]]:
    """Return the builds that were made so far, and whether each went well."""
    found = (e for e in checkout.events if isinstance(e, PhaseFinished))
    return sorted((e.subject, e.ok) for e in found if e.phase is Phase.BUILD)


def files(folder: Path) -> list[str]:
    """Return all files of the checkout, but for what a toolchain installs."""
    every = (path.relative_to(folder) for path in folder.rglob("*"))
    left = {"node_modules", ".venv"}
    return sorted(str(path) for path in every if not left & set(path.parts))


async def answers(checkout: Checkout) -> dict[str, object]:
    async with checkout.run() as session, session.up() as up:
        return {**ask(up, "WEB"), **ask(up, "REPORTS")}


@in_a_loop
async def test_what_starts_is_what_the_build_lines_made_and_the_checkout_stays_as_it_is(
    checkout: Checkout,
) -> None:
    before = files(checkout.root)
    assert await answers(checkout) == {"greeting": "hello", "squares": [0, 1, 4, 9]}
    assert builds(checkout) == [("reports", True), ("web", True)]
    assert files(checkout.root) == before


@in_a_loop
async def test_the_same_inputs_are_not_built_again_and_changed_ones_are(checkout: Checkout) -> None:
    await answers(checkout)
    await answers(checkout)
    assert len(builds(checkout)) == 2
    source = checkout.root / "services/reports/src/reports/generate.py"
    source.write_text(source.read_text().replace("n * n", "n * 10"))
    assert (await answers(checkout))["squares"] == [0, 10, 20, 30]
    assert builds(checkout) == [("reports", True), ("reports", True), ("web", True)]
    dockerfile = checkout.root / "services/web/Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("GREETING=hello", "GREETING=moin"))
    assert (await answers(checkout))["greeting"] == "moin"


@in_a_loop
async def test_another_worktree_with_the_same_files_uses_the_result(
    checkout: Checkout, tmp_path: Path
) -> None:
    await answers(checkout)
    shutil.copytree(PROJECT, tmp_path / "other")
    other = Checkout(tmp_path / "other", tmp_path / "state")
    assert await answers(other) == {"greeting": "hello", "squares": [0, 1, 4, 9]}
    assert builds(other) == []


@in_a_loop
async def test_of_two_runs_at_once_one_builds_and_the_other_waits(checkout: Checkout) -> None:
    found = await asyncio.gather(answers(checkout), answers(checkout))
    assert found[0] == found[1] == {"greeting": "hello", "squares": [0, 1, 4, 9]}
    assert builds(checkout) == [("reports", True), ("web", True)]


@in_a_loop
async def test_a_line_that_fails_names_its_place_and_shows_what_the_tool_said(
    checkout: Checkout,
) -> None:
    (checkout.root / "services/web/build.mjs").write_text("throw new Error('no page today')\n")
    with pytest.raises(EnvironmentFailure, match=r"`npm run build` ended with 1") as caught:
        await answers(checkout)
    assert str(caught.value.where) == f"{checkout.root}/services/web/Dockerfile:7"
    assert "no page today" in "\n".join(caught.value.detail)
    assert ("web", False) in builds(checkout)
    kept = [path for path in (checkout.state / "cache/builds").iterdir() if path.name != "locks"]
    assert all(path.suffix == "" and (path / "srv").is_dir() for path in kept)


@pytest.mark.skipif(shutil.which("pnpm") is not None, reason="pnpm is here")
@in_a_loop
async def test_a_program_that_is_not_here_is_named_with_its_line(checkout: Checkout) -> None:
    dockerfile = checkout.root / "services/web/Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("npm run build", "pnpm build"))
    with pytest.raises(RuntimeMissing, match="no program 'pnpm'") as caught:
        await answers(checkout)
    assert str(caught.value.where) == f"{dockerfile}:7"


@in_a_loop
async def test_what_is_copied_and_was_not_made_is_an_error_with_its_name(
    checkout: Checkout,
) -> None:
    (checkout.root / "services/web/build.mjs").write_text("// makes nothing\n")
    with pytest.raises(EnvironmentFailure, match="the image copies /app/dist, which the build did"):
        await answers(checkout)


@in_a_loop
async def test_a_build_that_hangs_ends_with_the_boot(checkout: Checkout) -> None:
    (checkout.root / "services/web/build.mjs").write_text("setInterval(() => {}, 1000)\n")
    async with checkout.run() as session:
        booting = asyncio.create_task(session.runtime.boot(checkout.request(session.context.run)))
        async with asyncio.timeout(60):
            while not _runs("build.mjs", session.alive()):  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.02)
        booting.cancel()
        await asyncio.wait([booting])
        assert booting.cancelled()
        assert session.alive() == []
    assert not list((checkout.state / "cache/builds").glob("*.new"))


def _runs(word: str, pids: Sequence[int]) -> bool:
    for pid in pids:
        with contextlib.suppress(OSError):
            if word in Path(f"/proc/{pid}/cmdline").read_text():
                return True
    return False


@in_a_loop
async def test_a_build_that_hangs_is_ended_by_the_boots_deadline(checkout: Checkout) -> None:
    (checkout.root / "services/web/build.mjs").write_text("setInterval(() => {}, 1000)\n")
    async with checkout.run() as session:
        with pytest.raises(DeadlinePassed, match=r"waiting for .*web"):
            await session.runtime.boot(checkout.request(session.context.run, boot_timeout=2.0))
        assert session.alive() == []


@in_a_loop
async def test_old_results_go_and_those_in_use_stay(checkout: Checkout) -> None:
    kept = checkout.state / "cache/builds"
    for day in range(30):
        old = kept / f"{day:024}"
        old.mkdir(parents=True)
        os.utime(old, (day, day))
    used = EnvironmentLock(kept / "locks", kept / f"{0:024}")
    await used.share()
    await answers(checkout)
    left = {path.name for path in kept.iterdir() if path.name.isdigit()}
    assert f"{0:024}" in left
    assert f"{29:024}" in left
    assert f"{1:024}" not in left
    used.close()


@in_a_loop
async def test_a_dry_run_says_what_would_be_run_and_builds_nothing(checkout: Checkout) -> None:
    async with checkout.run() as session:
        details = session.runtime.describe(checkout.request(session.context.run))
    changes = {detail.service: detail.changes for detail in details}
    line = "npm run build && rm -rf src && npm prune --omit=dev"
    assert f"RUN {line}: run in a copy (Dockerfile:7)" in changes["web"]
    made = "mkdir -p data && python -m reports.generate data/table.json"
    assert f"RUN {made}: run in a copy (Dockerfile:5)" in changes["reports"]
    assert not (checkout.state / "cache/builds").exists()


@in_a_loop
async def test_packages_are_linked_into_the_copy_and_keep_their_folder_clean(
    checkout: Checkout,
) -> None:
    web = checkout.root / "services/web"
    words = web / "packages/words"
    words.mkdir(parents=True)
    (words / "package.json").write_text('{"name": "words", "version": "1.0.0", "main": "i.js"}')
    (words / "i.js").write_text("module.exports = 'good evening'\n")
    package = json.loads((web / "package.json").read_text())
    package["dependencies"] = {"words": "file:packages/words"}
    (web / "package.json").write_text(json.dumps(package))
    (web / "package-lock.json").unlink()
    build = (web / "build.mjs").read_text()
    lines = "import words from 'words';\nprocess.env.GREETING = words;\n"
    cached = "mkdirSync('node_modules/.cache', { recursive: true });\n"
    (web / "build.mjs").write_text(lines + build + cached)
    dockerfile = web / "Dockerfile"
    text = dockerfile.read_text()
    dockerfile.write_text(text.replace("services/web/package-lock.json ", ""))
    assert (await answers(checkout))["greeting"] == "good evening"
    assert not (web / "node_modules/.cache").exists()
