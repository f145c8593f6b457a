"""From clones to a corpus: which clones are taken, what is checked out, how the list is kept."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from runfree.errors import RunfreeError
from runfree_training import corpus
from runfree_training.candidates.history import events
from runfree_training.corpus import build, find_clones, git, read_corpus, read_listing
from runfree_training.execute import Pair

OLD = "from shop import double\n\n\ndef test_double():\n    assert double(2) == 4\n"
NEW = OLD + "\n\ndef test_halve():\n    from shop import halve\n\n    assert halve(4) == 2\n"


def commit(folder: Path, message: str, **files: str) -> str:
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", "-C", str(folder), "add", "-A"], check=True)
    subprocess.run(["git", *identity, "-C", str(folder), "commit", "-qm", message], check=True)
    return git(folder, "rev-parse", "HEAD").strip()


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    place = tmp_path / "clones" / "own+shop"
    place.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(place)], check=True)
    commit(place, "One", shop="def double(n):\n    return n * 2\n", tests__test_shop=OLD)
    commit(place, "Docs", notes="x = 1\n")
    commit(place, "Two", shop="def double(n):\n    return 2 * n\n\n\ndef halve(n):\n    return n // 2\n",
           tests__test_shop=NEW)  # fmt: skip
    return tmp_path / "clones"


def test_listing(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("a/b      # BSD-3 | pairs=24\nc/d # MIT (a remark) | x\n# only a remark\ne/f\n")
    assert read_listing(path) == {"a/b": "BSD-3", "c/d": "MIT", "e/f": ""}


def test_only_allowed_clones_are_taken(clones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [name for name, _ in find_clones(clones)] == ["own/shop"]
    prepared = []

    class Runner:
        def prepare(self, project: object) -> None:
            prepared.append(project)

        def find_pairs(self, root: Path) -> list[Pair]:
            return [Pair("shop.py", "tests/test_shop.py"), Pair("", "tests/test_other.py", "no focal file")]

    monkeypatch.setattr(corpus, "executor", lambda language: Runner())
    listing, never = tmp_path / "list.txt", tmp_path / "never.txt"
    output = tmp_path / "output"
    listing.write_text("own/shop  # MIT | x\n")
    never.write_text("Own/Shop\n")
    build(clones, "python", output, listing, never, ())
    assert read_corpus(output, "python") == []
    listing.write_text("own/other\n")
    build(clones, "python", output, listing, None, ())
    assert read_corpus(output, "python") == []

    listing.write_text("own/shop  # MIT | x\n")
    build(clones, "python", output, listing, None, ())
    (entry,) = read_corpus(output, "python")
    assert (entry.project.repository, entry.project.licence, entry.left_out) == ("own/shop", "MIT", "")
    assert entry.project.commit == git(clones / "own+shop", "rev-parse", "HEAD").strip()
    assert (entry.project.root / "tests" / "test_shop.py").read_text() == NEW
    assert len(entry.pairs) == 2
    build(clones, "python", output, listing, None, ())
    assert len(prepared) == 1  # what is in the corpus is not done again


def test_what_cannot_be_installed_is_left_out_with_the_reason(
    clones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Runner:
        def prepare(self, project: object) -> None:
            raise RunfreeError("cannot be installed: no wheel")

    monkeypatch.setattr(corpus, "executor", lambda language: Runner())
    listing = tmp_path / "list.txt"
    listing.write_text("own/shop\n")
    build(clones, "python", tmp_path / "output", listing, None, ())
    (entry,) = read_corpus(tmp_path / "output", "python")
    assert entry.left_out == "cannot be installed: no wheel"


def test_history_finds_the_commit_that_added_a_test(clones: Path) -> None:
    (event,) = events(clones / "own+shop" / ".git", [Pair("shop.py", "tests/test_shop.py")])
    assert event.added == ("test_halve",)
    assert event.focal_changed
    assert (event.before, event.after) == (OLD, NEW)
