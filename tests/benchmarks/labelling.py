"""Throughput of labelling Python, beside the naive way: `python tests/benchmarks/labelling.py [PROJECT FOCAL TEST]`.

Processor time of everything that is started, so other programs on the machine do not count. Naive: for each candidate
one run of the augmented suite under coverage, and one run of it for every mutant, each in a fresh process; measured on
a few candidates and mutants. Without arguments a small project is made.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
from pathlib import Path

from runfree.mutation import list_mutants
from runfree_training.execute import Pair, Project, Settings
from runfree_training.execute.python_direct import Checkout
from runfree_training.execute.python_label import label_pair

FOCAL = "".join(
    f"def part{n}(a, b=1):\n    if a > {n}:\n        return a * b\n    return a + b - {n}\n\n\n"
    for n in range(20)
)
TESTS = "from focal import *\n\n\n" + "".join(
    f"def test_part{n}():\n    assert part{n}({n + 1}, 2) == {2 * n + 2}\n    assert part{n}({n}) == 1\n\n\n"
    for n in range(20)
)


def processor_seconds() -> float:
    """Of this process and of all that it has started and waited for."""
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)


def main() -> None:
    """Labels one pair, then a little of it the naive way."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        if len(sys.argv) == 4:
            root, pair = Path(sys.argv[1]), Pair(sys.argv[2], sys.argv[3])
        else:
            (root / "focal.py").write_text(FOCAL)
            (root / "test_focal.py").write_text(TESTS)
            pair = Pair("focal.py", "test_focal.py")
        project = Project("python", "benchmark", "", "", root, root / "none")
        begun = processor_seconds()
        record = label_pair(project, pair, Settings(broken_per_test=5))
        ours = processor_seconds() - begun
        print(f"ours: {len(record.tests)} tests and candidates, {len(record.mutants)} mutants: {ours:.1f} s of processor "
              f"time, {60 * len(record.tests) / ours:.0f} a minute and core")  # fmt: skip
        names = [test.name for test in record.tests if test.source == "existing"]
        listed = random.Random(0).sample(list_mutants("python", record.focal_text), 3)
        with tempfile.TemporaryDirectory() as other:
            checkout = Checkout(project, record, Path(other) / "work")
            begun = processor_seconds()
            checkout.run(record.test_text, names, record.focal_text)
            suite = processor_seconds() - begun
            for mutant in listed:
                checkout.run(record.test_text, names, mutant.apply(record.focal_text))
            mutated = (processor_seconds() - begun - suite) / len(listed)
        naive = suite + mutated * len(record.mutants)
        print(f"naive: {suite:.2f} s a run of the suite, {mutated:.2f} s with a mutant: {naive:.0f} s a candidate, "
              f"{60 / naive:.1f} a minute and core; ours is {naive * len(record.tests) / ours:.0f} times as fast")  # fmt: skip


if __name__ == "__main__":
    main()
