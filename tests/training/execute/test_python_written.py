"""Written candidates: bare, with what they bring, with a broken text; run, and checked against plain runs."""

from __future__ import annotations

import json
import random
from pathlib import Path

from runfree_training.execute import Pair, Project, Settings
from runfree_training.execute.python_direct import Checkout, compare
from runfree_training.execute.python_label import label_pair
from runfree_training.execute.python_written import written_candidates
from runfree_training.records import TestResult

FOCAL = "def sign(n):\n    if n < 0:\n        return -1\n    return int(n > 0)\n"
TESTS = "from shop import sign\n\n\ndef test_one():\n    assert sign(5) == 1\n\n\ndef test_zero():\n    assert sign(0) == 0\n"
PAIR = Pair("shop.py", "test_shop.py")
CANDIDATES = {
    "test_negative": "def test_negative():\n    assert sign(-3) == -1\n",
    "test_same": "def test_same():\n    assert sign(7) == 1\n",
    "test_half": "from fractions import Fraction\n\nHALF = Fraction(-1, 2)\n\n\ndef test_half():\n    assert sign(HALF) == -1\n",
    "test_wrong": "def test_wrong():\n    assert sign(-3) == 1\n",
    "test_broken": "def test_broken():\n    assert sign(-3) == = 1\n",
}


def lines_of(path: Path) -> Path:
    rows = [
        {"repository": "own/shop", "commit": "", "focal_path": "shop.py", "test_path": path_, "candidate": text,
         "test_name": name, "author_batch": "first"}
        for name, text in CANDIDATES.items()
        for path_ in ("test_shop.py", "test_other.py")
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_written_candidates_are_run(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    root.chmod(0o755)
    (root / "shop.py").write_text(FOCAL)
    (root / "test_shop.py").write_text(TESTS)
    project = Project("python", "own/shop", "", "", root, tmp_path / "none")
    settings = Settings(written=lines_of(tmp_path / "written.jsonl"), broken_per_file=6)
    record = label_pair(project, PAIR, settings)
    written = {test.name: test for test in record.tests if test.source == "written"}
    assert {name: test.outcome for name, test in written.items()} == {
        "test_negative": "passed", "test_same": "passed", "test_half": "passed", "test_wrong": "failed",
        "test_broken": "does-not-compile",
    }  # fmt: skip
    assert {name: test.text for name, test in written.items()} == CANDIDATES
    assert {test.kind for test in written.values()} == {"first"}

    existing = [test for test in record.tests if test.source == "existing"]
    lines = {line for test in existing for line in test.lines}

    def new(test: TestResult) -> tuple[set[int], bool]:
        known = {index for other in existing for index in other.kills}
        return set(test.lines) - lines, bool(set(test.kills) - known)

    assert new(written["test_negative"]) == ({3}, True)
    assert new(written["test_half"]) == ({3}, True)
    assert new(written["test_same"]) == (set(), False)

    checkout = Checkout(project, record, tmp_path / "direct")
    found = [row for seed in range(4) for row in compare(checkout, record, random.Random(seed))]
    assert len(found) >= 4
    assert [row for row in found if not row[1]] == []


def test_other_pairs_and_unreadable_tests_are_left_out(tmp_path: Path) -> None:
    path = lines_of(tmp_path / "written.jsonl")
    assert written_candidates(None, "own/shop", PAIR, TESTS) == []
    assert written_candidates(path, "own/else", PAIR, TESTS) == []
    assert len(written_candidates(path, "own/shop", PAIR, TESTS)) == len(CANDIDATES)
