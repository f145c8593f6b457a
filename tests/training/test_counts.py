"""Counts of a handful of records, known by hand, and their way into the data card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from runfree.errors import RunfreeError
from runfree_training.cli import main
from runfree_training.counts import BEGIN, END, by_label, count, put_between
from runfree_training.records import MutantResult, Record, TestResult, write_record

MUTANTS = (MutantResult("return", 2, 0), MutantResult("return", 3, 0), MutantResult("return", 4, 0, True))
TESTS = (
    TestResult("test_a", "existing", "passed", lines=(1, 2), kills=(0,)),
    TestResult("test_b", "existing", "passed", lines=(1, 3), kills=(0,), timeouts=(1,)),
    TestResult("test_c", "existing", "flaky"),
    TestResult("test_d", "existing", "not-run"),
    TestResult("test_a2", "broken", "passed", "near-duplicate", "test_a", "a2", lines=(1, 2), kills=(0,)),
    TestResult("test_a3", "broken", "failed", "wrong-value", "test_a", "a3", lines=(1, 4)),
    TestResult("test_a4", "broken", "does-not-compile", "syntax-error", "test_a", "a4"),
    TestResult("test_a5", "broken", "passed", "more", "test_a", "a5", lines=(4,), breaks=("test_b",)),
    TestResult("test_a6", "broken", "passed", "more", "test_a", "a6", lines=(4,), kills_known=False),
)
RECORD = Record("python", "o/r", "c" * 40, "MIT", "f.py", "t.py", "f", "t", (1, 2, 3, 4), MUTANTS, TESTS)


@pytest.fixture
def records(tmp_path: Path) -> Path:
    place = tmp_path / "records" / "python" / "o+r"
    write_record(RECORD, place / "t.json.gz")
    new = TestResult("test_n", "history", "failed", "before", text="n")
    for kind, outcome in (("before", "failed"), ("after", "passed")):
        added = replace(new, kind=kind, outcome=outcome, lines=(1,))  # type: ignore[arg-type]
        then = replace(RECORD, commit="d" * 40, tests=(*TESTS[:2], added), mutants=())
        write_record(replace(then, tests=(TESTS[0], added)), place / f"history-dd-{kind}.json.gz")
    own = TestResult("test_w", "written", "timeout", text="w", lines_known=False)
    write_record(replace(RECORD, tests=(*TESTS[:2], own), written="12"), place / "t.written.json.gz")
    return tmp_path / "records"


def test_counts_are_known_by_hand(records: Path) -> None:
    counts = count(records)["python"]
    assert (counts.records, len(counts.pairs), counts.tests) == (4, 1, 2)
    assert (counts.mutants, counts.incompetent, counts.late) == (3, 1, 1)
    assert counts.outcomes["existing", "flaky"] == 1
    assert counts.candidates == {
        ("existing", "passes"): 2, ("broken", "passes"): 2, ("broken", "fails"): 3,
        ("history", "passes"): 1, ("history", "fails"): 1, ("written", "fails"): 1,
    }  # fmt: skip
    assert counts.failing == 5
    place = counts.repositories["o/r"]
    assert (place.licence, place.commit[:1], place.candidates, place.failing) == ("MIT", "c", 10, 5)


def test_gains_are_against_all_others(records: Path) -> None:
    counts = count(records)["python"]
    # Each of the two has a line of its own; both kill the first mutant, only one also the second (by a timeout).
    assert by_label(counts, ["existing"], "coverage_gain") == (2, 0, 0)
    assert by_label(counts, ["existing"], "mutation_gain") == (1, 1, 0)
    assert by_label(counts, ["broken"], "coverage_gain") == (1, 4, 0)
    assert by_label(counts, ["broken"], "mutation_gain") == (0, 4, 1)
    assert by_label(counts, ["written"], "coverage_gain") == (0, 0, 1)


def test_the_data_card_is_filled(records: Path, tmp_path: Path) -> None:
    card = tmp_path / "DATA.md"
    card.write_text(f"# Card\n\n{BEGIN}\nold\n{END}\n\nThe end\n")
    arguments = ["counts", str(records), "--kinds", "--markdown", str(card)]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert "python: 1 repositories, 1 pairs, 4 records, 2 executed test functions, 10 distinct" in done.output
    text = card.read_text()
    assert text.startswith("# Card\n")
    assert text.endswith("The end\n")
    assert "old" not in text
    for row in (
        "| python | 1 | 1 | 4 | 2 | 10 | 5 | 3 | 1 | 1 |",
        "| all | 1 | 1 | 4 | 2 | 10 | 5 | 3 | 1 | 1 |",
        "| python | broken | 2 | 3 | 1 / 4 / 0 | 0 / 4 / 1 |",
        "| python | existing | 4 | 0 | 0 | 0 | 0 | 1 | 1 |",
        "| python | syntax-error | 0 | 1 |",
        "| MIT | 1 | 10 |",
        "| o/r | python | cccccccccccc | MIT |",
        "nothing found",
    ):
        assert row in text, row
    CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert card.read_text() == text


def test_a_card_without_markers_is_refused() -> None:
    with pytest.raises(RunfreeError, match="no lines"):
        put_between("# Card\n", "x")
