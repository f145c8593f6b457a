"""Reading what Go's testing package prints; putting back what a test changed."""

from __future__ import annotations

import shutil
from pathlib import Path

from runfree_training.execute.go_driver import Place, first_error, parse

MARK = "\x16"


def test_results_with_output_glued_in_front() -> None:
    output = (
        f"{MARK}=== RUN   TestA\nno newline at its end{MARK}--- PASS: TestA (0.01s)\n"
        f"{MARK}=== RUN   TestB\n{MARK}=== RUN   TestB/sub\n    a_test.go:3: got 1\n"
        f"{MARK}--- FAIL: TestB (0.20s)\n    {MARK}--- FAIL: TestB/sub (0.00s)\n"
        f"{MARK}=== RUN   TestC\n    a_test.go:9: later\n{MARK}--- SKIP: TestC (0.00s)\nFAIL\n"
    )
    assert parse(output).results == {
        "TestA": ("passed", "", 0.01),
        "TestB": ("failed", "got 1", 0.2),
        "TestC": ("not-run", "", 0.0),
    }
    assert parse(output).running == []


def test_a_panic_belongs_to_the_running_test() -> None:
    output = f"{MARK}=== RUN   TestA\npanic: boom\n\ngoroutine 7 [running]:\n"
    parsed = parse(output)
    assert (parsed.running, parsed.death, parsed.results) == (["TestA"], "panic: boom", {})


def test_a_panic_printed_after_the_verdict() -> None:
    output = f"{MARK}=== RUN   TestA\n{MARK}--- FAIL: TestA (0.00s)\npanic: boom [recovered]\n\tpanic: boom\n"
    assert parse(output).results == {"TestA": ("error", "panic: boom", 0.0)}


def test_a_timeout_names_the_running_tests() -> None:
    output = f"{MARK}=== RUN   TestA\npanic: test timed out after 1s\n\trunning tests:\n\t\tTestA (1s)\n"
    parsed = parse(output)
    assert parsed.timed_out
    assert parsed.running == ["TestA"]


def test_what_a_program_prints_is_no_result() -> None:
    assert parse(f"{MARK}=== RUN   TestA\nfake --- PASS: TestA (0.00s)\n").results == {}


def test_first_error_of_testify() -> None:
    lines = [
        "    a_test.go:4: ",
        "        \tError Trace:\ta_test.go:4",
        "        \tError:      \tNot equal: ",
        "        \t            \texpected: 1",
        "        \t            \tactual  : 2",
    ]
    assert first_error(lines) == "Not equal: expected: 1 actual : 2"


def test_first_error_of_a_message_that_begins_with_a_line_break() -> None:
    assert first_error(["    a_test.go:4: ", "        Want: 1", "        Have: 2"]) == "Want: 1"
    lines = ["    a_test.go:4: ", "        error:", "          values differ", "        got:"]
    assert first_error(lines) == "error: values differ"
    assert first_error(["    a_test.go:4: ", "    a_test.go:5: second"]) == "second"


def test_a_place_is_put_back(tmp_path: Path) -> None:
    tree, shared = tmp_path / "tree", tmp_path / "shared"
    for folder in (tree / "data", shared):
        folder.mkdir(parents=True)
    (tree / "data" / "one").write_text("1")
    (shared / "theirs").write_text("kept")
    place = Place(str(tree), str(shared))
    copy = Path(place.copy)
    (copy / "data" / "one").write_text("changed")
    (copy / "new").write_text("new")
    (Path(place.temporary) / "left").write_text("left")
    (shared / "left").mkdir()
    (shared / "link").symlink_to(tree)
    place.clean()
    assert [p.name for p in sorted(copy.rglob("*"))] == ["data", "one"]
    assert (copy / "data" / "one").read_text() == "1"
    assert [p.name for p in shared.iterdir()] == ["theirs"]
    assert (tree / "data" / "one").exists()
    shutil.rmtree(place.base)
    place.clean()
    assert (copy / "data" / "one").read_text() == "1"
    assert not list(Path(place.temporary).iterdir())
    shutil.rmtree(place.base)
