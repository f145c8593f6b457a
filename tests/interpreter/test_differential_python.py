"""Generated programs, read by us and run by CPython: wherever we claim to know, both agree."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runfree.interpreter import Answers, analyse_test

sys.path.insert(0, str(Path(__file__).parent))

from python_object_programs import ObjectGenerator
from python_programs import Generator

# 12 calls each.
PROGRAMS, OBJECT_PROGRAMS = 150, 150

# Runs every call of every program; prints its value, or the exception's name, and the lines executed.
RUNNER = """
import json, sys
out = []
for text, calls in json.load(sys.stdin):
    code = compile(text, "focal.py", "exec")
    for call in calls:
        scope = {"__name__": "focal"}
        lines = set()
        def trace(frame, event, arg):
            if frame.f_code.co_filename != "focal.py":
                return None
            if event == "line":
                lines.add(frame.f_lineno)
            return trace
        sys.settrace(trace)
        try:
            exec(code, scope)
            result = repr(eval(call, scope))
        except Exception as error:
            result = "!" + type(error).__name__
        finally:
            sys.settrace(None)
        out.append([result, sorted(lines)])
json.dump(out, sys.stdout)
"""


def run_for_real(programs: list[tuple[str, list[str]]]) -> list[tuple[str, list[int]]]:
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUNNER],
        input=json.dumps(programs),
        capture_output=True,
        text=True,
        check=True,
    )
    return [(result, lines) for result, lines in json.loads(done.stdout)]


def read(text: str, call: str, expected: str) -> Answers:
    if expected.startswith("!"):
        body = f"    with pytest.raises({expected[1:]}):\n        {call}\n"
    else:
        body = f"    assert repr({call}) == {expected!r}\n"
    suite = f"import pytest\nfrom focal import *\n\ndef test_it():\n{body}"
    return analyse_test("python", text, suite, "test_it", "focal.py", "test_focal.py")


@pytest.mark.parametrize(
    ("programs", "reach"),
    [
        ([Generator(seed).program() for seed in range(PROGRAMS)], 0.9),
        ([ObjectGenerator(seed).program() for seed in range(OBJECT_PROGRAMS)], 0.8),
    ],
    ids=["values", "objects"],
)
def test_claims_agree_with_cpython(programs: list[tuple[str, list[str]]], reach: float) -> None:
    real = iter(run_for_real(programs))
    asked = claimed = 0
    wrong: list[str] = []
    for seed, (text, calls) in enumerate(programs):
        for call in calls:
            result, lines = next(real)
            asked += 1
            answers = read(text, call, result)
            claimed += answers.outcome != "unknown"
            if answers.outcome == "fails":
                wrong.append(f"seed {seed}: {call}: really {result}, but {answers.sentence}")
            grades = answers.line_grades
            # A tracer sees no line of a declaration.
            bodies = [n for n in grades if not text.splitlines()[n - 1].strip().startswith("nonlocal ")]
            never = [n for n in bodies if grades[n] == 0 and n in lines]
            certain = [n for n in bodies if grades[n] == 3 and n not in lines]
            if never or certain:
                wrong.append(f"seed {seed}: {call}: never {never}, certain {certain}")
    assert not wrong, "\n".join(wrong[:10])
    assert claimed > reach * asked


def test_wrong_expectations_are_seen() -> None:
    programs = [Generator(seed).program() for seed in range(1000, 1020)]
    real = iter(run_for_real(programs))
    outcomes = []
    for text, calls in programs:
        for call in calls:
            result, _ = next(real)
            if not result.startswith("!"):
                outcomes.append(read(text, call, result + " ").outcome)
    assert "passes" not in outcomes
    assert outcomes.count("fails") > 0.9 * len(outcomes)
