"""A small project whose coverage and kill matrix is known by hand, and a hostile one, really run in the sandbox."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from runfree.errors import RunfreeError
from runfree.mutation import list_mutants
from runfree_training.execute import Pair, Project, Settings, python_job
from runfree_training.execute.python_label import label_pair
from runfree_training.records import Record, TestResult, read_record, write_record

FOCAL = """LIMIT = 10


def total(prices, discount=0):
    result = 0
    for price in prices:
        result = result + price
    if result > LIMIT:
        result = result - discount
    return result


def label(price):
    if price < 0:
        raise ValueError("negative price")
    return str(price)


def countdown(n):
    while n > 0:
        n -= 1
    return n
"""
TESTS = """import pytest
import unittest

from shop.price import countdown, label, total


@pytest.mark.parametrize("prices, expected", [([], 0), ([1, 2], 3)])
def test_total(prices, expected):
    assert total(prices) == expected


class TestMore:
    def test_discount(self):
        assert total([10, 5], discount=5) == 10


class Labels(unittest.TestCase):
    def test_label(self):
        self.assertEqual(label(3), "3")

    def test_negative(self):
        with self.assertRaises(ValueError):
            label(-1)


def test_countdown(capsys):
    print("counting")
    assert capsys.readouterr().out == "counting\\n"
    assert countdown(2) == 0


def test_wrong():
    assert label(1) == "2"


def test_unset(nothing):
    assert nothing


@pytest.mark.skip
def test_later():
    assert False
"""
# Lines run on import, then what each test adds.
IMPORTED = {1, 4, 13, 19}
LINES = {
    "test_total": {5, 6, 7, 8, 10},
    "TestMore::test_discount": {5, 6, 7, 8, 9, 10},
    "Labels::test_label": {14, 16},
    "Labels::test_negative": {14, 15},
    "test_countdown": {20, 21, 22},
    "test_wrong": {14, 16},
    "test_unset": set(),
    "test_later": set(),
}
OUTCOMES = dict.fromkeys(LINES, "passed") | {
    "test_wrong": "failed", "test_unset": "error", "test_later": "not-run"
}  # fmt: skip
ALL, DISCOUNT, LABEL, NEGATIVE, COUNT = (
    {"test_total", "TestMore::test_discount"},
    {"TestMore::test_discount"},
    {"Labels::test_label"},
    {"Labels::test_negative"},
    {"test_countdown"},
)
# (line, what is replaced, by what) -> tests that kill it; those that none kills are not listed.
KILLS = {
    (1, "10", "None"): ALL | DISCOUNT,  # LIMIT = None
    (5, "0", "1"): {"test_total"} | DISCOUNT,
    (5, "0", "None"): ALL,
    (7, "result + price", "None"): ALL,
    (7, "+", "-"): ALL,
    (8, "result > LIMIT", "False"): DISCOUNT,
    (9, "result - discount", "None"): DISCOUNT,
    (9, "-", "+"): DISCOUNT,
    (10, "result", "None"): ALL,
    (14, "price < 0", "True"): LABEL,
    (14, "price < 0", "False"): NEGATIVE,
    (16, "str(price)", "None"): LABEL,
    (16, "price", "None"): LABEL,
    (20, "n > 0", "False"): COUNT,
    (20, ">", ">="): COUNT,
    (20, "0", "1"): COUNT,
    (22, "n", "None"): COUNT,
}
HANGS = {(21, "-=", "+="), (21, "-=", "=")}


def project(folder: Path, focal: str, tests: str) -> Project:
    for path, text in (("shop/__init__.py", ""), ("shop/price.py", focal), ("tests/test_price.py", tests)):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    folder.chmod(0o755)  # the sandbox's user must be able to read it
    # No environment of its own: the interpreter that runs this test has pytest and coverage.
    return Project("python", "own/shop", "", "Apache-2.0", folder, folder / "none")


PAIR = Pair("shop/price.py", "tests/test_price.py")


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    place = project(tmp_path_factory.mktemp("shop"), FOCAL, TESTS)
    return label_pair(place, PAIR, Settings(mutants=500, broken_per_test=8, broken_per_file=24))


def existing(record: Record) -> dict[str, TestResult]:
    return {test.name: test for test in record.tests if test.source == "existing"}


def killed(record: Record, test: TestResult, which: str = "kills") -> set[tuple[int, str, str]]:
    listed = {(m.operator, m.line, m.ordinal): m for m in list_mutants("python", record.focal_text)}
    chosen = [record.mutants[index] for index in getattr(test, which)]
    mutants = [listed[m.operator, m.line, m.ordinal] for m in chosen]
    return {(m.line, m.original, m.replacement) for m in mutants}


def test_outcomes_are_known_by_hand(record: Record) -> None:
    assert {name: test.outcome for name, test in existing(record).items()} == OUTCOMES
    assert existing(record)["test_wrong"].error.startswith("AssertionError: assert '1' == '2'")
    assert "fixture 'nothing' not found" in existing(record)["test_unset"].error


def test_lines_are_known_by_hand(record: Record) -> None:
    statements = {number for number, line in enumerate(FOCAL.splitlines(), 1) if line.strip()}
    assert set(record.focal_lines) == statements
    assert {name: set(test.lines) - IMPORTED for name, test in existing(record).items()} == LINES
    assert all(set(test.lines) >= IMPORTED for test in existing(record).values())


def test_kill_matrix_is_known_by_hand(record: Record) -> None:
    assert len(record.mutants) == len(list_mutants("python", FOCAL))
    assert not any(mutant.incompetent for mutant in record.mutants)
    found: dict[tuple[int, str, str], set[str]] = {}
    for name, test in existing(record).items():
        for mutant in killed(record, test):
            found.setdefault(mutant, set()).add(name)
    assert found == KILLS
    assert killed(record, existing(record)["test_countdown"], "timeouts") == HANGS


def test_broken_candidates_are_judged_by_running_them(record: Record) -> None:
    broken = [test for test in record.tests if test.source == "broken"]
    assert len(broken) >= 20
    assert len({test.kind for test in broken}) >= 6
    assert {test.outcome for test in broken} >= {"passed", "failed"}
    for test in broken:
        if test.kind == "negated-assertion":
            assert test.outcome == "failed"
        if test.kind == "near-duplicate":
            twin = existing(record)[test.base]
            assert (test.outcome, test.lines, test.kills) == (twin.outcome, twin.lines, twin.kills)
    assert len({(test.name, test.text, test.removes) for test in broken}) == len(broken)


def test_the_same_seed_gives_the_same_record(record: Record, tmp_path: Path) -> None:
    settings = Settings(mutants=500, broken_per_test=8, broken_per_file=24)
    again = label_pair(project(tmp_path / "shop", FOCAL, TESTS), PAIR, settings)

    def timeless(one: Record) -> Record:
        return replace(one, seconds=0.0, tests=tuple(replace(t, seconds=0.0) for t in one.tests))

    assert timeless(again) == timeless(record)
    write_record(record, tmp_path / "record.json.gz")
    assert read_record(tmp_path / "record.json.gz") == record


HOSTILE = """import os, shutil, socket, subprocess, sys, time
from pathlib import Path

from shop.price import label

HERE = Path(__file__).parent


def test_sleeps_for_ever():
    time.sleep(1_000_000)


def test_spins():
    while True:
        pass


def test_forks():
    while True:
        try:
            os.fork()
        except OSError:
            pass


def test_leaves_a_process_behind():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1_000_000)"])
    assert label(2) == "2"


def test_prints():
    for _ in range(2_000):
        print("x" * 100_000)


def test_fills_the_disk():
    with open("/tmp/large", "wb") as stream:
        while True:
            stream.write(bytes(1 << 20))


def test_eats_memory():
    kept = []
    while True:
        kept.append(bytes(1 << 26))


def test_deletes_its_files():
    shutil.rmtree(HERE.parent)
    assert False


def test_writes_outside():
    (Path.home() / "left-behind").write_text("x") if False else None
    Path("OUTSIDE").write_text("x")


def test_wants_the_network():
    socket.create_connection(("192.0.2.1", 80), timeout=20)


def test_ends_the_process():
    os._exit(0)


def test_good():
    assert label(1) == "1"
    assert (HERE.parent / "shop" / "price.py").exists()
"""


def test_a_hostile_suite_is_bounded_and_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_job, "TEST_WALL", 10.0)
    monkeypatch.setattr(python_job, "TEST_SECONDS", 1.0)
    outside = tmp_path / "outside"
    place = project(tmp_path / "shop", FOCAL, HOSTILE.replace("OUTSIDE", str(outside)))
    before = {path: path.read_bytes() for path in place.root.rglob("*") if path.is_file()}
    begun = time.monotonic()
    record = label_pair(place, PAIR, Settings(mutants=4, broken_per_file=0))
    assert time.monotonic() - begun < 100
    outcomes = {name: test.outcome for name, test in existing(record).items()}
    assert outcomes.pop("test_forks") in {"timeout", "error"}
    assert outcomes.pop("test_eats_memory") in {"failed", "error", "timeout"}
    assert outcomes == {
        "test_sleeps_for_ever": "timeout",
        "test_spins": "timeout",
        "test_leaves_a_process_behind": "passed",
        "test_prints": "passed",
        "test_fills_the_disk": "failed",
        "test_deletes_its_files": "failed",
        "test_writes_outside": "failed",
        "test_wants_the_network": "failed",
        "test_ends_the_process": "error",
        "test_good": "passed",
    }
    assert {path: path.read_bytes() for path in place.root.rglob("*") if path.is_file()} == before
    assert not outside.exists()


@pytest.mark.parametrize(
    ("tests", "reason"),
    [
        (
            "import nothing_of_the_kind\n\ndef test_x():\n    pass\n",
            "cannot be collected.*nothing_of_the_kind",
        ),
        ("from shop.price import total\n\ndef test_x():\n    assert total([1]) == 2\n", "no test passes"),
        ("def test_x():\n    pass\n", "no test runs a line"),
        ("def test_x(:\n", "does not parse"),
    ],
)
def test_says_why_a_pair_is_left_out(tmp_path: Path, tests: str, reason: str) -> None:
    place = project(tmp_path / "shop", FOCAL, tests)
    with pytest.raises(RunfreeError, match=re.compile(reason, re.DOTALL)):
        label_pair(place, PAIR, Settings())


def test_a_project_may_make_errors_of_warnings(tmp_path: Path) -> None:
    """Plugins that are imported before pytest starts make it warn; that must not end the collection."""
    here = project(
        tmp_path, FOCAL, "from shop.price import label\n\ndef test_it():\n    assert label(1) == '1'\n"
    )
    options = (
        'filterwarnings = ["error::pytest.PytestWarning"]\nasyncio_default_fixture_loop_scope = "function"\n'
    )
    (here.root / "pyproject.toml").write_text("[tool.pytest.ini_options]\n" + options)
    found = label_pair(here, PAIR, Settings(broken_per_file=0))
    assert [(test.source, test.outcome) for test in found.tests] == [("existing", "passed")]
