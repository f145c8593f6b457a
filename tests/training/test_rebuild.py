"""The records of a small project are released as facts, and made again from the facts and a clone."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from click.testing import CliRunner

from runfree_training.candidates.broken_python import broken_candidates
from runfree_training.candidates.history import events
from runfree_training.candidates.written import Written
from runfree_training.cli import main
from runfree_training.clones import Clones
from runfree_training.corpus import git
from runfree_training.execute import Pair
from runfree_training.execute.python_history import after, before
from runfree_training.execute.python_suite import Suite
from runfree_training.records import MutantResult, Record, TestResult, read_records, write_record
from runfree_training.release import rows

FOCAL = "def double(n):\n    return n * 2\n"
# The second version of the focal file has an identifier that git fills in on checking out.
SECOND = "# $Id$\ndef double(n):\n    return 2 * n\n\n\ndef halve(n):\n    return n // 2\n"
OLD = """import pytest

from shop import double


def test_one():
    assert double(1) == 2


class TestDouble:
    def test_two(self):
        assert double(2) == 4

    @pytest.mark.parametrize("n", [1, 3])
    def test_more(self, n):
        assert double(n) == n + n
"""
NEW = (
    OLD.replace("double\n\n", "double, halve\n\n")
    + "\n\nHALF = 2\n\n\ndef test_halve():\n    assert halve(4) == HALF\n"
)
WRITTEN = "def test_nothing():\n    assert double(0) == 0\n"


def _commit(folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", "-C", str(folder), "add", "-A"], check=True)
    subprocess.run(["git", *identity, "-C", str(folder), "commit", "-qm", "x"], check=True)
    return git(folder, "rev-parse", "HEAD").strip()


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with `clones`, `records` and `facts` of a project whose second commit added a test."""
    root = tmp_path_factory.mktemp("released")
    clone = root / "clones" / "own+shop"
    clone.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    _commit(
        clone, shop__py=FOCAL, test_shop__py=OLD, conftest__py="LIMIT = 3\n", __gitattributes="*.py ident\n"
    )
    head = _commit(clone, shop__py=SECOND, test_shop__py=NEW)
    checkout = root / "checkout"
    subprocess.run(["git", "clone", "-q", str(clone), str(checkout)], check=True)
    assert "$Id:" in (checkout / "shop.py").read_text()
    pair = Pair("shop.py", "test_shop.py")
    record = Record(
        "python", "own/shop", head, "MIT", *_paths(pair), (checkout / "shop.py").read_text(), NEW, (2, 3, 6, 7),
        (MutantResult("return", 3, 0), MutantResult("return", 7, 0, incompetent=True)),
        (
            TestResult("test_one", "existing", "passed", lines=(2, 3), kills=(0,), timeouts=(1,), kills_known=False),
            *_broken(NEW),
            TestResult("test_nothing", "written", "passed", "author", text=WRITTEN, lines=(2, 3), breaks=("x",)),
        ),
        context=(("conftest.py", "LIMIT = 3\n"),),
        seed=7,
        tools={"python": "3"},
        written="0123",
    )  # fmt: skip
    place = root / "records" / "python" / "own+shop"
    write_record(record, place / "test-shop.json.gz")
    (event,) = events(clone / ".git", [pair])
    for kind, commit, made in (
        ("before", event.parent, before(event)),
        ("after", event.commit, after(event)),
    ):
        text, candidates = made
        new = tuple(TestResult(c.name, "history", "failed", kind, text=c.shown) for c in candidates)
        assert new
        then = replace(
            record,
            commit=commit,
            test_text=text,
            tests=(*record.tests[:1], *new),
            focal_text=record.focal_text if kind == "after" else FOCAL,
        )
        write_record(then, place / f"history-{event.commit[:12]}-test_shop-{kind}.json.gz")
    _run("release", root / "records", "--output", root / "facts", "--clones", root / "clones")
    own = Written("own/shop", head, "shop.py", "test_shop.py", WRITTEN, "test_nothing", "author")
    line = json.dumps({name: getattr(own, name) for name in Written.__slots__})
    (root / "written.jsonl").write_text(line + "\n")
    return root


def _paths(pair: Pair) -> tuple[str, str]:
    return pair.focal_path, pair.test_path


def _broken(text: str) -> list[TestResult]:
    suite = Suite(text)
    found = broken_candidates(suite, SECOND, list(suite.tests), per_test=5, most=20, seed=1)
    assert len(found) > 8
    assert any(c.removes for c in found)
    return [
        TestResult(c.name, "broken", "failed", c.kind, c.base, c.shown, c.removes, error="x", seconds=0.1)
        for c in found
    ]


def _run(*arguments: object) -> str:
    done = CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def _rebuild(root: Path, output: Path, facts: str = "facts", clones: str = "clones") -> tuple[int, str]:
    arguments = ["dataset", output, "--rebuild", root / facts, "--clones", root / clones]
    done = CliRunner().invoke(main, [str(a) for a in [*arguments, "--written", root / "written.jsonl"]])
    return done.exit_code, done.output


def _facts(record: Record) -> Record:
    """A record as facts can hold it: without times and messages."""
    return replace(record, seconds=0.0, tests=tuple(replace(t, seconds=0.0, error="") for t in record.tests))


def test_every_text_comes_back(labelled: Path, tmp_path: Path) -> None:
    status, said = _rebuild(labelled, tmp_path)
    assert status == 0, said
    assert "rebuilt 3 of 3 records (100.0%)" in said
    before = list(map(_facts, read_records(labelled / "records")))
    after = list(read_records(tmp_path))
    assert after == before
    sources = {test.source for record in after for test in record.tests}
    assert sources == {"existing", "broken", "history", "written"}
    assert any(
        "HALF = 2" in test.text for record in after for test in record.tests
    )  # brought from the next commit


def test_facts_hold_no_code(labelled: Path) -> None:
    for row in pyarrow.parquet.read_table(labelled / "facts" / "python.parquet").to_pylist():
        told = " ".join(str(value) for value in row.values())
        for line in {*SECOND.splitlines(), *NEW.splitlines(), *WRITTEN.splitlines()}:
            assert len(line) < 16 or line.strip() not in told


def test_blocks_are_the_same_from_rebuilt_records(labelled: Path, tmp_path: Path) -> None:
    _rebuild(labelled, tmp_path / "again")
    told = []
    for records in (labelled / "records", tmp_path / "again"):
        said = _run("dataset", records, "--output", tmp_path / f"blocks-{records.name}")
        told.append(said.split("Candidates")[1])
    assert told[0] == told[1]


@pytest.mark.parametrize("column", ["focal_hash", "test_hash", "candidate_hash"])
def test_another_hash_fails_loudly(labelled: Path, tmp_path: Path, column: str) -> None:
    table = pyarrow.parquet.read_table(labelled / "facts" / "python.parquet").to_pylist()
    for row in table:
        row[column] = row[column] and "0" * 16
        row["recipe"] = row["recipe"] if row["source"] != "written" else ""
    (tmp_path / "facts").mkdir()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(table), tmp_path / "facts" / "python.parquet")
    (tmp_path / "written.jsonl").write_text("")
    (tmp_path / "clones").symlink_to(labelled / "clones")
    status, said = _rebuild(tmp_path, tmp_path / "again")
    assert status == 1
    assert "differs: own/shop" in said
    assert "the facts say 0000000000000000" in said
    assert "another hash than the facts say" in said


def test_what_vanished_upstream_is_said_and_skipped(labelled: Path, tmp_path: Path) -> None:
    (tmp_path / "facts").symlink_to(labelled / "facts")
    (tmp_path / "written.jsonl").write_text("")
    (tmp_path / "clones").mkdir()
    status, said = _rebuild(tmp_path, tmp_path / "none")
    assert (status, "own/shop: there is no clone (3)" in said) == (0, True)
    young = tmp_path / "clones" / "own+shop"
    subprocess.run(["git", "init", "-q", str(young)], check=True)
    _commit(young, shop__py=SECOND)
    status, said = _rebuild(tmp_path, tmp_path / "young")
    assert status == 0
    assert "is gone" in said
    assert "rebuilt 0 of 3 records (0.0%)" in said
    assert not list((tmp_path / "young").rglob("*.json.gz"))


def test_older_facts_are_refused(tmp_path: Path) -> None:
    (tmp_path / "facts").mkdir()
    (tmp_path / "clones").mkdir()
    (tmp_path / "written.jsonl").write_text("")
    assert "holds no facts" in _rebuild(tmp_path, tmp_path / "out")[1]
    pyarrow.parquet.write_table(pyarrow.table({"record": ["x"]}), tmp_path / "facts" / "python.parquet")
    status, said = _rebuild(tmp_path, tmp_path / "out")
    assert (status, "release the records again" in said) == (1, True)


@pytest.mark.parametrize(
    ("language", "suite", "candidate"),
    [
        (
            "go",
            "package a\n\nfunc TestA(t *testing.T) {\n\tif One() != 1 {\n\t\tt.Fatal()\n\t}\n}\n",
            "TestA2",
        ),
        (
            "java",
            "class ATest {\n    @Test\n    void a() {\n        assertEquals(1, A.one());\n    }\n}\n",
            "a2",
        ),
    ],
)
def test_other_languages_go_the_same_way(tmp_path: Path, language: str, suite: str, candidate: str) -> None:
    clone = tmp_path / "clones" / "own+a"
    clone.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    head = _commit(clone, a__txt="One\r\n", b__txt=suite, c__txt="context\n")
    broken = suite.replace("!= 1", "!= 2").replace("(1, A", "(2, A")
    tests = (
        TestResult("TestA", "existing", "passed", lines=(1,)),
        TestResult(candidate, "broken", "failed", "expected", "TestA", broken, removes=suite[:9]),
    )
    record = Record(
        language, "own/a", head, "MIT", "a.txt", "b.txt", "One\n", suite, (1,), (), tests,  # type: ignore[arg-type]
        context=(("c.txt", "context\n"),),
    )  # fmt: skip
    write_record(record, tmp_path / "records" / language / "own+a" / "a.json.gz")
    with Clones([]) as none:
        assert all(row["recipe"] for row in rows(record, "a", none) if row["source"] == "broken")
    _run("release", tmp_path / "records", "--output", tmp_path / "facts")
    (tmp_path / "written.jsonl").write_text("")
    assert _rebuild(tmp_path, tmp_path / "again")[0] == 0
    assert list(read_records(tmp_path / "again")) == [record]
