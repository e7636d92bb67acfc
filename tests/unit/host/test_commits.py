"""What git tells of commits and tags, from real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from seatrial.errors import UsageError
from seatrial.host.commits import Commits, public_url

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin:/usr/local/bin",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_DIR": "/nonexistent",
}


class Repo:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "--quiet", "--initial-branch", "main")

    def git(self, *words: str) -> str:
        author = ("-c", "user.name=A", "-c", "user.email=a@example.com")
        command = ["git", *author, *words]
        return subprocess.run(
            command, cwd=self.root, capture_output=True, text=True, check=True
        ).stdout.strip()

    def commit(self, message: str, **files: str) -> str:
        for name, text in files.items():
            (self.root / name).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "-m", message)
        return self.git("rev-parse", "HEAD")

    @property
    def commits(self) -> Commits:
        return Commits(self.root, ENVIRONMENT)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path)


def test_tags_are_known_by_the_commits_that_they_name(repo: Repo) -> None:
    first = repo.commit("one", a="1")
    repo.git("tag", "v1")
    repo.git("tag", "--annotate", "--message", "two", "v2")
    repo.git("tag", "blob", repo.git("rev-parse", "HEAD:a"))
    second = repo.commit("two")
    repo.git("tag", "api/v3")
    repo.git("switch", "--quiet", "--detach", first)
    assert repo.commits.tags() == {"v1": first, "v2": first, "api/v3": second}
    assert repo.commits.merged_tags() >= {"v1", "v2"}
    assert "api/v3" not in repo.commits.merged_tags()


def test_what_is_not_committed_is_dirt(repo: Repo) -> None:
    repo.commit("one", a="1", b="1", **{".gitignore": "hidden\n"})
    assert repo.commits.dirt() == ()
    (repo.root / "a").write_text("2")
    (repo.root / "b").unlink()
    (repo.root / "with blank").write_text("")
    (repo.root / "hidden").write_text("")
    assert set(repo.commits.dirt()) == {"a", "b", "with blank"}
    assert repo.commits.ignored() == ("hidden",)


def test_what_users_have_set_hides_nothing(repo: Repo) -> None:
    repo.commit("Möwe", a="1")
    for name in ("v1.0.0", "v1.0.1", "v1.0.2"):
        repo.git("tag", name)
    repo.git("config", "status.showUntrackedFiles", "no")
    repo.git("config", "column.ui", "always")
    repo.git("config", "i18n.logOutputEncoding", "ISO-8859-1")
    (repo.root / "new").write_text("")
    assert repo.commits.dirt() == ("new",)
    assert repo.commits.merged_tags() == {"v1.0.0", "v1.0.1", "v1.0.2"}
    assert repo.commits.since(None, "HEAD")[0].subject == "Möwe"


def test_a_change_within_a_submodule_is_dirt_whatever_the_submodule_says(
    repo: Repo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    inner = Repo(tmp_path_factory.mktemp("inner"))
    inner.commit("one", a="1")
    quiet = ("-c", "protocol.file.allow=always")
    repo.git(*quiet, "submodule", "--quiet", "add", str(inner.root), "hold")
    repo.git("config", "--file", ".gitmodules", "submodule.hold.ignore", "all")
    repo.commit("two")
    assert repo.commits.dirt() == ()
    (repo.root / "hold/a").write_text("2")
    assert repo.commits.dirt() == ("hold",)


def test_commits_come_the_newest_first_and_without_merges(repo: Repo) -> None:
    old = repo.commit("one")
    repo.commit("two\n\nIts body,\nof two lines.")
    repo.git("switch", "--quiet", "--create", "side", old)
    repo.commit("side")
    repo.git("switch", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-edit", "side")
    found = repo.commits.since(old, repo.commits.head)
    assert sorted(one.subject for one in found) == ["side", "two"]
    (two,) = (one for one in found if one.subject == "two")
    assert two.body == "Its body,\nof two lines.\n"
    assert [one.subject for one in repo.commits.since(None, old)] == ["one"]


def test_files_of_a_commit_and_between_two(repo: Repo) -> None:
    first = repo.commit("one", a="1", b="1")
    (repo.root / "b").unlink()
    second = repo.commit("two", a="2", c="1")
    between = {(f.path.name, str(f.how)) for f in repo.commits.between(first, second)}
    assert between == {("a", "changed"), ("b", "deleted"), ("c", "added")}
    assert {f.path.name for f in repo.commits.files_of(first)} == {"a", "b"}


def test_only_whole_ids_of_commits_that_are_here_are_known(repo: Repo) -> None:
    commit = repo.commit("one", a="1")
    assert repo.commits.has(commit)
    for other in ("", "HEAD", commit[:12], f"{commit}-dirty", "0" * 40, "--all"):
        assert not repo.commits.has(other)


def test_the_time_is_that_of_the_commit(repo: Repo) -> None:
    commit = repo.commit("one")
    assert repo.commits.time(commit) == int(repo.git("show", "-s", "--format=%ct"))


def test_without_a_repository_or_a_commit_there_is_nothing_to_release(
    repo: Repo, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(UsageError, match="has no commit yet"):
        Commits(repo.root, ENVIRONMENT)
    with pytest.raises(UsageError, match="is in no git repository"):
        Commits(tmp_path_factory.mktemp("bare"), ENVIRONMENT)


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("https://github.com/a/b.git", "https://github.com/a/b"),
        ("https://me:token@github.com/a/b.git", "https://github.com/a/b"),
        ("https://git.example.com:8443/a/b", "https://git.example.com:8443/a/b"),
        ("http://git.lan/a/b.git", "http://git.lan/a/b"),
        ("git@github.com:a/b.git", "https://github.com/a/b"),
        ("ssh://git@git.example.com:2222/a/b.git", "https://git.example.com/a/b"),
        ("/srv/a.git", ""),
        ("../a", ""),
        ("file:///srv/a.git", ""),
        ("", ""),
    ],
)
def test_a_remote_is_shown_as_a_place_on_the_web_without_its_password(
    remote: str, url: str
) -> None:
    assert public_url(remote) == url
