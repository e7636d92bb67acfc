"""An update carried out on real files: all at once, cut short anywhere, and begun again.

Templates are a few files here. A test makes an older scaffold by writing other ones.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from seatrial.errors import ConfigError, EnvironmentFailure, RuntimeMissing, UsageError
from seatrial.host.processes import Processes
from seatrial.scaffold.building import build
from seatrial.scaffold.fates import Fate, Held, Obstacle, Update
from seatrial.scaffold.model import Answers
from seatrial.scaffold.record import RECORD, Record, dump, load, pristine
from seatrial.scaffold.updating import look, prepare, uncommitted, write

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git here")

ANSWERS = Answers("shop")
OLD = {
    "Makefile": "all:\n\techo old\n",
    "conflict.txt": "one\nold\nthree\n",
    "deleted.txt": "old\n",
    "deep/er/gone.txt": "gone\n",
    "edited.txt": "a\nb\nc\nd\ne\n",
    "run.sh": "#!/bin/sh\n",
    "same.txt": "same\n",
}
NEW = {
    "Makefile": "all:\n\techo new\n",
    "added/file.txt": "added\n",
    "conflict.txt": "one\nnew\nthree\n",
    "deleted.txt": "new\n",
    "edited.txt": "a\nb\nc\nd\nnew\n",
    "run.sh": "#!/bin/sh\nexec true\n",
    "same.txt": "same\n",
}
EDITED = {"edited.txt": "mine\nb\nc\nd\ne\n", "conflict.txt": "one\nmine\nthree\n"}
RESULT = {
    "Makefile": NEW["Makefile"],
    "added/file.txt": "added\n",
    "conflict.txt": "one\n<<<<<<< yours\nmine\n=======\nnew\n>>>>>>> scaffold 0.2.0\nthree\n",
    "edited.txt": "mine\nb\nc\nd\nnew\n",
    "run.sh": NEW["run.sh"],
    "same.txt": "same\n",
}
WRITES = ["Makefile", "added/file.txt", "conflict.txt", "deep/er/gone.txt", "edited.txt", "run.sh"]


def folder_of(place: Path, texts: Mapping[str, str]) -> Path:
    for path, text in texts.items():
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        if path.endswith(".sh"):
            file.chmod(0o755)
    return place


def templates(place: Path, texts: Mapping[str, str]) -> Path:
    shutil.rmtree(place, ignore_errors=True)
    folder_of(place / "project", texts)
    return place


def contents(root: Path) -> dict[str, str]:
    """Return every file but the record; whatever is left over shows, too."""
    files = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts)
    found = {path.relative_to(root).as_posix(): path.read_bytes().decode() for path in files}
    del found[RECORD]
    return found


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return templates(tmp_path / "new", NEW)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Return a repository of the old scaffold in which a user has worked."""
    root = folder_of(tmp_path / "repo", OLD)
    made = build(ANSWERS, templates(tmp_path / "old", OLD))
    (root / RECORD).write_text(dump(Record("0.1.0", ANSWERS, pristine(made))))
    folder_of(root, EDITED)
    (root / "deleted.txt").unlink()
    return root


def planned(
    root: Path, new: Path, version: str = "0.2.0", environment: Mapping[str, str] | None = None
) -> Update:
    processes = Processes(os.environ if environment is None else environment)
    return asyncio.run(prepare(root, version, new, processes))


def updated(root: Path, new: Path, version: str = "0.2.0") -> Update:
    wanted = planned(root, new, version)
    assert list(write(root, wanted)) == [change.path for change in wanted.writes]
    return wanted


def git(folder: Path, *words: str) -> None:
    settings = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *settings, *words], cwd=folder, check=True, capture_output=True)


def test_all_fates_come_true_at_once(repo: Path, new: Path) -> None:
    wanted = updated(repo, new)
    assert {change.path: change.fate for change in wanted.told} == {
        "Makefile": Fate.REPLACED,
        "added/file.txt": Fate.ADDED,
        "conflict.txt": Fate.CONFLICT,
        "deep/er/gone.txt": Fate.REMOVED,
        "deleted.txt": Fate.DELETED,
        "edited.txt": Fate.MERGED,
        "run.sh": Fate.REPLACED,
    }
    assert contents(repo) == RESULT
    assert not (repo / "deep").exists()
    assert os.access(repo / "run.sh", os.X_OK)
    assert load(repo) == Record("0.2.0", ANSWERS, pristine(build(ANSWERS, new)))


def test_preparing_writes_nothing(repo: Path, new: Path) -> None:
    before, record = contents(repo), (repo / RECORD).read_bytes()
    planned(repo, new)
    assert contents(repo) == before
    assert (repo / RECORD).read_bytes() == record


def test_a_second_update_has_only_the_conflict_to_tell(repo: Path, new: Path) -> None:
    updated(repo, new)
    record = (repo / RECORD).read_bytes()
    again = updated(repo, new)
    assert [(change.path, change.fate) for change in again.told] == [
        ("conflict.txt", Fate.CONFLICT)
    ]
    (repo / "conflict.txt").write_text("one\nmine and new\nthree\n")
    assert updated(repo, new).told == ()
    assert (repo / RECORD).read_bytes() == record


def test_a_resolved_conflict_does_not_come_back_with_the_next_scaffold(
    repo: Path, new: Path, tmp_path: Path
) -> None:
    updated(repo, new)
    (repo / "conflict.txt").write_text("one\nmine and new\nthree\n")
    newer = templates(tmp_path / "newer", {**NEW, "conflict.txt": "one\nnew\nthree\nfour\n"})
    wanted = updated(repo, newer, "0.3.0")
    assert [change.fate for change in wanted.told] == [Fate.MERGED]
    assert (repo / "conflict.txt").read_text() == "one\nmine and new\nthree\nfour\n"


def test_conflicts_left_over_stop_an_update_that_would_merge_them(
    repo: Path, new: Path, tmp_path: Path
) -> None:
    updated(repo, new)
    before = contents(repo)
    newer = templates(tmp_path / "newer", {**NEW, "conflict.txt": "one\n3\nthree\n", "x": "x\n"})
    with pytest.raises(ConfigError, match="not resolved") as caught:
        updated(repo, newer, "0.3.0")
    assert caught.value.detail == ("conflict.txt:2",)
    assert contents(repo) == before


@pytest.mark.parametrize("steps", range(len(WRITES) + 1))
def test_an_update_that_is_cut_short_is_completed_by_the_next(
    steps: int, repo: Path, new: Path
) -> None:
    writing = write(repo, planned(repo, new))
    assert [next(writing) for _ in range(steps)] == WRITES[:steps]
    # An iterator that nobody asks again does nothing more, as a killed process.
    updated(repo, new)
    assert contents(repo) == RESULT
    assert load(repo) == Record("0.2.0", ANSWERS, pristine(build(ANSWERS, new)))
    assert '"steps"' not in (repo / RECORD).read_text()


@pytest.mark.parametrize("steps", range(1, len(WRITES) + 1))
def test_an_even_newer_scaffold_completes_it_too(
    steps: int, repo: Path, new: Path, tmp_path: Path
) -> None:
    (repo / "conflict.txt").write_text(OLD["conflict.txt"])
    writing = write(repo, planned(repo, new))
    for _ in range(steps):
        next(writing)
    newer = {**NEW, "edited.txt": "a\nb\nnewer\nd\nnew\n", "Makefile": "all:\n\techo newer\n"}
    updated(repo, templates(tmp_path / "newer", newer), "0.3.0")
    assert contents(repo) == {
        **RESULT,
        "conflict.txt": NEW["conflict.txt"],
        "edited.txt": "mine\nb\nnewer\nd\nnew\n",
        "Makefile": newer["Makefile"],
    }


@pytest.mark.parametrize("steps", range(3, len(WRITES) + 1))
def test_a_conflict_resolved_before_the_next_update_stays_resolved(
    steps: int, repo: Path, new: Path
) -> None:
    writing = write(repo, planned(repo, new))
    for _ in range(steps):
        next(writing)
    resolved = "one\nmine and new\nthree\n"
    (repo / "conflict.txt").write_text(resolved)
    wanted = updated(repo, new)
    if steps > 3:
        assert contents(repo) == {**RESULT, "conflict.txt": resolved}
        assert wanted.conflicts == ()
    else:
        # Nobody can know whether the last file was written: it is merged once more, nothing lost.
        assert "mine and new" in (repo / "conflict.txt").read_text()


def test_going_back_to_the_commit_undoes_an_update_that_was_cut_short(
    repo: Path, new: Path
) -> None:
    git(repo, "init", "-q")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "First")
    before, record = contents(repo), load(repo)
    writing = write(repo, planned(repo, new))
    for _ in range(4):
        next(writing)
    git(repo, "checkout", "-q", ".")
    git(repo, "clean", "-fdq")
    assert contents(repo) == before
    assert load(repo) == record
    updated(repo, new)
    assert contents(repo) == RESULT


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from seatrial.host.processes import Processes
from seatrial.scaffold.updating import prepare, write
root, new = Path(sys.argv[1]), Path(sys.argv[2])
wanted = asyncio.run(prepare(root, "0.2.0", new, Processes(os.environ)))
for path in write(root, wanted):
    if path == "edited.txt":
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_program_leaves_nothing_that_the_next_update_does_not_mend(
    repo: Path, new: Path
) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(repo), str(new)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (repo / "run.sh").read_text() == OLD["run.sh"]
    updated(repo, new)
    assert contents(repo) == RESULT


def test_half_a_file_left_by_a_killed_program_goes(repo: Path, new: Path) -> None:
    (repo / ".Makefile.seatrial").write_text("all:\n\tech")
    updated(repo, new)
    assert contents(repo) == RESULT


def test_a_file_that_changes_meanwhile_stops_the_update_and_the_next_one_merges_it(
    repo: Path, new: Path
) -> None:
    writing = write(repo, planned(repo, new))
    next(writing)
    (repo / "run.sh").write_text("#!/bin/sh\n# mine\n\n\n")
    with pytest.raises(EnvironmentFailure, match="changed while") as caught:
        list(writing)
    assert "again" in caught.value.mend
    assert (repo / "run.sh").read_text() == "#!/bin/sh\n# mine\n\n\n"
    updated(repo, new)
    assert "# mine" in (repo / "run.sh").read_text()
    assert "exec true" in (repo / "run.sh").read_text()


def test_a_file_that_cannot_be_written_is_named_and_the_next_update_goes_on(
    repo: Path, new: Path
) -> None:
    obstacle = repo / "added/.file.txt.seatrial"
    obstacle.mkdir(parents=True)
    with pytest.raises(EnvironmentFailure, match="cannot be written") as caught:
        updated(repo, new)
    assert caught.value.where is not None
    assert caught.value.where.file == repo / "added/file.txt"
    obstacle.rmdir()
    updated(repo, new)
    assert contents(repo) == RESULT


def test_a_record_that_changes_meanwhile_stops_the_update(repo: Path, new: Path) -> None:
    wanted = planned(repo, new)
    (repo / RECORD).write_text(dump(Record("0.1.1", ANSWERS, {})))
    before = contents(repo)
    with pytest.raises(EnvironmentFailure, match="changed while"):
        list(write(repo, wanted))
    assert contents(repo) == before


def test_a_new_mode_is_brought_in_whatever_cuts_it_short(repo: Path, tmp_path: Path) -> None:
    new = templates(tmp_path / "new", OLD)
    (new / "project/same.txt").chmod(0o755)
    for steps in (0, 1):
        (repo / "same.txt").chmod(0o644)
        writing = write(repo, planned(repo, new))
        for _ in range(steps):
            next(writing)
        assert load(repo).files["same.txt"].executable is False
    assert updated(repo, new).told == ()
    assert os.access(repo / "same.txt", os.X_OK)
    assert load(repo).files["same.txt"].executable is True


def test_a_file_that_appears_meanwhile_stops_the_update(repo: Path, new: Path) -> None:
    wanted = planned(repo, new)
    (repo / "added").write_text("in the way\n")
    with pytest.raises(EnvironmentFailure, match="changed while"):
        list(write(repo, wanted))
    (repo / "added").unlink()
    updated(repo, new)
    assert contents(repo) == RESULT


def test_merging_takes_git_and_nothing_else_does(repo: Path, new: Path, tmp_path: Path) -> None:
    bare = {"PATH": str(tmp_path)}
    with pytest.raises(RuntimeMissing, match="no git") as caught:
        planned(repo, new, environment=bare)
    assert caught.value.detail == ("conflict.txt", "edited.txt")
    folder_of(repo, {path: OLD[path] for path in EDITED})
    wanted = planned(repo, new, environment=bare)
    assert not wanted.conflicts
    assert asyncio.run(uncommitted(repo, wanted, Processes(bare))) is None


def test_an_older_program_does_not_take_a_newer_scaffold_back(repo: Path, new: Path) -> None:
    updated(repo, new, "0.10.0")
    for version in ("0.2.0", "0.9.9"):
        with pytest.raises(UsageError, match=r"0\.10\.0") as caught:
            planned(repo, new, version)
        assert "upgrade" in caught.value.mend
    assert planned(repo, new, "0.10.0").writes == ()


def test_only_files_that_would_change_must_be_committed(repo: Path, new: Path) -> None:
    processes = Processes(os.environ)
    assert asyncio.run(uncommitted(repo, planned(repo, new), processes)) is None
    git(repo, "init", "-q")
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "First")
    (repo / "same.txt").write_text("edited\n")
    (repo / "other.txt").write_text("edited\n")
    assert asyncio.run(uncommitted(repo, planned(repo, new), processes)) == ()
    (repo / "edited.txt").write_text("edited\n")
    git(repo, "rm", "--cached", "-q", "run.sh")
    assert asyncio.run(uncommitted(repo, planned(repo, new), processes)) == (
        "edited.txt",
        "run.sh",
    )


def test_a_link_in_place_of_a_file_is_neither_followed_nor_replaced(
    repo: Path, new: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.write_text(OLD["Makefile"])
    (repo / "Makefile").unlink()
    (repo / "Makefile").symlink_to(outside)
    (tmp_path / "elsewhere").mkdir()
    (repo / "added").symlink_to(tmp_path / "elsewhere")
    wanted = updated(repo, new)
    fates = {change.path: change.fate for change in wanted.told}
    assert fates["Makefile"] is fates["added/file.txt"] is Fate.OBSTRUCTED
    assert outside.read_text() == OLD["Makefile"]
    assert list((tmp_path / "elsewhere").iterdir()) == []
    (repo / "Makefile").unlink()
    (repo / "Makefile").write_text(OLD["Makefile"])
    assert [change.fate for change in updated(repo, new).writes] == [Fate.REPLACED]


def test_the_disk_is_looked_at_without_following_links(tmp_path: Path) -> None:
    folder_of(tmp_path, {"a/file": "x", "a/run.sh": "y"})
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "a/loose").symlink_to("nowhere")
    os.mkfifo(tmp_path / "fifo")
    assert look(tmp_path, "a/file") == Held(b"x")
    assert look(tmp_path, "a/run.sh") == Held(b"y", executable=True)
    assert look(tmp_path, "b/file") == look(tmp_path, "a/none") == Held()
    assert look(tmp_path, "a") == Held(obstacle=Obstacle.FOLDER)
    assert look(tmp_path, "link") == Held(obstacle=Obstacle.LINK)
    assert look(tmp_path, "a/loose") == Held(obstacle=Obstacle.LINK)
    assert look(tmp_path, "link/file") == Held(obstacle=Obstacle.BEYOND_LINK)
    assert look(tmp_path, "a/file/x") == Held(obstacle=Obstacle.BENEATH_FILE)
    assert look(tmp_path, "fifo") == Held(obstacle=Obstacle.SPECIAL)


def test_a_root_that_the_scaffold_did_not_make_is_left_alone(repo: Path, new: Path) -> None:
    bare = Record("0.1.0", ANSWERS, {})
    (repo / RECORD).write_text(dump(bare))
    before = contents(repo)
    assert updated(repo, new).told == ()
    assert contents(repo) == before


def test_the_files_mode_and_the_users_mask_are_kept(repo: Path, new: Path) -> None:
    (repo / "Makefile").chmod(0o640)
    (repo / "run.sh").chmod(0o750)
    updated(repo, new)
    assert (repo / "Makefile").stat().st_mode & 0o777 == 0o640
    assert (repo / "run.sh").stat().st_mode & 0o777 == 0o750
    mask = os.umask(0o022)
    os.umask(mask)
    assert (repo / "added/file.txt").stat().st_mode & 0o777 == 0o666 & ~mask
