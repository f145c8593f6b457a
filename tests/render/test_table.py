import io
from dataclasses import replace

import pytest
from rich.console import Console

from runfree.render.table import print_reports, summary
from runfree.render.thresholds import Thresholds
from runfree.sample import Evidence

THRESHOLDS = Thresholds({"RF001": {"default": 0.3}})


def drawn(*reports, **options):
    stream = io.StringIO()
    print_reports(Console(file=stream, width=100, highlight=False, **options), reports, THRESHOLDS)
    return stream.getvalue()


def test_a_whole_file(report):
    text = drawn(report)
    assert "tests/test_cart.py\n  exercises cart.py\n" in text
    rows = {line.split()[1]: line for line in text.split("\n") if " test_" in line}
    assert list(rows) == ["test_good", "test_wrong", "test_again", "test_smoke"]
    assert "93%" in rows["test_good"]
    assert "71%" in rows["test_good"]
    assert "RF001 likely fails. Expects 4, but it gives 3." in " ".join(text.split())
    assert "4 tests predicted in 1 file: 3 findings (1 warning, 2 information)." in text
    assert "beyond this test file" in " ".join(text.split())
    assert max(len(line) for line in text.split("\n")) <= 100


def test_colour_only_on_a_terminal_and_never_green(report):
    assert "\x1b" not in drawn(report)
    coloured = drawn(report, force_terminal=True, color_system="standard")
    assert "\x1b[1;33m" in coloured
    assert "\x1b[32m" not in coloured
    assert "\x1b[1;32m" not in coloured


def test_skipped_files(report, skipped_report):
    text = drawn(skipped_report)
    assert "tests/test_bad.py" in text
    assert "not scored: It is not UTF-8" in text
    assert "0 tests predicted in 0 files: no findings." in text
    assert "nothing was run" not in text


def test_unchanged_files_are_one_line_together(report):
    quiet = replace(report, tests=(), skipped="no new tests since HEAD (--all looks at every test)")
    text = drawn(quiet, replace(quiet, path="other.py"))
    assert "2 files not scored: no new tests since HEAD (--all looks at every test)." in text
    assert "other.py" not in text


def test_notes_once(report):
    noted = replace(report, notes=("git is not used",))
    assert drawn(noted, noted).count("note: git is not used") == 1


@pytest.mark.parametrize("name", ["test_" + "x" * 150, "[red]test[/red]", "test_\x1b[2J"])
def test_names_of_any_kind(report, name):
    text = drawn(replace(report, tests=tuple(replace(test, name=name) for test in report.tests)))
    assert "\x1b" not in text
    assert max(len(line) for line in text.split("\n")) <= 100
    assert "".join(name.split("\x1b"))[:8] in text.replace("\x1b", "").replace(" [2J", "[2J")


def test_long_reasons_are_wrapped(report):
    first = report.tests[1]
    reason = Evidence("x", "word " * 60 + "end", weight="fails")
    changed = replace(first, prediction=replace(first.prediction, evidence=(reason,)))
    text = drawn(replace(report, tests=(changed,)))
    assert "end." in text
    assert max(len(line) for line in text.split("\n")) <= 100


def test_summary(report, skipped_report):
    assert summary([skipped_report]) == "0 tests predicted in 0 files: no findings."
    assert summary([report, report]).startswith("8 tests predicted in 2 files: 6 findings")
