"""Workflows kept true: what `seatrial ci write` and `check` come to."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from seatrial.errors import UsageError
from seatrial.host.processes import Processes
from seatrial.scaffold import add, keeping, new
from seatrial.scaffold.answers import make_wish, wish
from seatrial.scaffold.fates import Fate
from seatrial.scaffold.keeping import Keeping
from seatrial.scaffold.model import FORGES, GITEA, GITHUB
from seatrial.scaffold.record import RECORD, load
from seatrial.scaffold.rendering import templates as real_templates

OURS = ".github/workflows/test.yml"
THEIRS = ".gitea/workflows/test.yml"


@pytest.fixture
def templates() -> Path:
    return real_templates()


@pytest.fixture
def shop(tmp_path: Path, templates: Path) -> Path:
    words = [wish("api:python-lib"), wish("web:python-lib")]
    new.write(tmp_path / "shop", new.new_tree("shop", words, templates, FORGES)[1])
    return tmp_path / "shop"


def kept(root: Path, templates: Path, *asked: str) -> Keeping:
    return asyncio.run(keeping.prepare(root, asked, templates, Processes(dict(os.environ))))


def fates(one: Keeping) -> dict[str, Fate]:
    return {change.path: change.fate for change in one.update.changes if change.writes}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_what_new_has_written_is_true(shop: Path, templates: Path) -> None:
    one = kept(shop, templates)
    assert (one.forges, fates(one)) == (FORGES, {})
    assert one.update.after() == load(shop)


def test_a_service_made_or_removed_by_hand_is_seen(shop: Path, templates: Path) -> None:
    shutil.copytree(shop / "services/web", shop / "services/by-hand")
    shutil.rmtree(shop / "services/api")
    one = kept(shop, templates)
    # GitHub's jobs are found while it runs, so only Gitea's names them.
    assert list(fates(one)) == [path for path in fates(one) if path.startswith(".gitea/")]
    keeping.write(shop, one)
    assert "service: [web, by-hand]" in (shop / THEIRS).read_text()
    assert fates(kept(shop, templates)) == {}


def test_a_list_that_was_cut_short_by_hand_is_made_whole(shop: Path, templates: Path) -> None:
    edit(shop / THEIRS, "service: [api, web]", "service: [api]")
    one = kept(shop, templates)
    assert fates(one) == {THEIRS: Fate.MERGED}
    assert one.update.conflicts == ()


def test_your_own_edits_are_no_fault_and_stay(shop: Path, templates: Path) -> None:
    edit(shop / OURS, "timeout-minutes: 45", "timeout-minutes: 90")
    edit(shop / THEIRS, "timeout-minutes: 45", "timeout-minutes: 90")
    assert fates(kept(shop, templates)) == {}
    shutil.copytree(shop / "services/web", shop / "services/more")
    keeping.write(shop, kept(shop, templates))
    assert "timeout-minutes: 90" in (shop / THEIRS).read_text()
    assert "service: [api, web, more]" in (shop / THEIRS).read_text()


def test_a_newer_template_is_merged_with_your_edits(
    shop: Path, templates: Path, tmp_path: Path
) -> None:
    newer = tmp_path / "templates"
    shutil.copytree(templates, newer)
    edit(newer / "ci/github/dot.github/workflows/test.yml", "name: Test\n", "name: Tests\n")
    edit(shop / OURS, "timeout-minutes: 45", "timeout-minutes: 90")
    before = load(shop)
    one = kept(shop, newer)
    assert fates(one) == {OURS: Fate.MERGED}
    keeping.write(shop, one)
    text = (shop / OURS).read_text()
    assert "name: Tests\n" in text
    assert "timeout-minutes: 90" in text
    after = load(shop)
    changed = {p for p in after.files if after.files[p] != before.files.get(p)}
    assert (changed, after.version) == ({OURS}, before.version)


def test_what_you_have_deleted_stays_deleted(shop: Path, templates: Path) -> None:
    (shop / THEIRS).unlink()
    assert fates(kept(shop, templates)) == {}


def test_a_second_ci_system_can_be_had_later(tmp_path: Path, templates: Path) -> None:
    root = tmp_path / "shop"
    new.write(root, new.new_tree("shop", [wish("api:python-lib")], templates, (GITHUB,))[1])
    assert not (root / THEIRS).exists()
    keeping.write(root, kept(root, templates, GITEA))
    assert "service: [api]" in (root / THEIRS).read_text()
    assert load(root).answers.forges == FORGES
    assert fates(kept(root, templates)) == {}
    add.plan(root, make_wish("web", "python-lib"), templates).write()
    assert "service: [api, web]" in (root / THEIRS).read_text()
    assert fates(kept(root, templates)) == {}


def test_a_repository_that_seatrial_did_not_make_gets_workflows_too(
    tmp_path: Path, templates: Path
) -> None:
    folder = tmp_path / "old" / "services/api"
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text('[project]\nname = "api"\nversion = "1"\n')
    root = tmp_path / "old"
    with pytest.raises(UsageError, match="which CI system"):
        kept(root, templates)
    one = kept(root, templates, GITEA)
    keeping.write(root, one)
    text = (root / THEIRS).read_text()
    assert "service: [api]" in text
    # Its Makefile is its own: nobody knows whether it can lint a service.
    assert "run: make" not in text
    assert set(load(root).files) == {path for path in load(root).files if ".gitea/" in path}
    assert fates(kept(root, templates)) == {}


def test_without_a_record_the_folder_of_a_ci_system_names_it(
    tmp_path: Path, templates: Path
) -> None:
    (tmp_path / ".gitea/workflows").mkdir(parents=True)
    one = kept(tmp_path, templates)
    assert (one.forges, one.is_new) == ((GITEA,), True)
    assert not (tmp_path / RECORD).exists()


def test_a_workflow_of_your_own_is_not_touched(shop: Path, templates: Path) -> None:
    own = shop / ".gitea/workflows/own.yml"
    own.write_text("jobs:\n  x:\n    strategy:\n      matrix:\n        service: [api]\n")
    before = own.read_text()
    keeping.write(shop, kept(shop, templates))
    add.plan(shop, make_wish("mail", "python-lib"), templates).write()
    assert own.read_text() == before
