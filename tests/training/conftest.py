"""A small corpus whose truth is known by construction: records, the blocks made from them, splits."""

import json

import pytest

from runfree.canonical import canonical
from runfree.mutation import list_mutants
from runfree.sample import Sample
from runfree_training.blocks import build_block, write_block
from runfree_training.comparison.contenders import read
from runfree_training.comparison.samples import Item
from runfree_training.records import MutantResult, Record, TestResult, write_record

WORDS = ("apple", "bread", "cider", "dates", "eggs", "flour", "grape", "honey")


def focal(names):
    return "\n\n".join(
        f"def price_{name}(count):\n    total = count * {i + 2}\n    return total\n"
        for i, name in enumerate(names)
    )


def body(name, count, expected):
    return f"def test_{name}_{count}():\n    assert price_{name}({count}) == {expected}\n"


def shop_record(repository, names):
    """Two passing tests a function, and one broken candidate; a test covers its function and kills its mutants."""
    text = focal(names)
    mutants = list_mutants("python", text)
    start = {n: text.splitlines().index(f"def price_{n}(count):") + 1 for n in names}
    header = "from shop import " + ", ".join(f"price_{n}" for n in names) + "\n\n\n"
    tests, bodies = [], []
    for i, name in enumerate(names):
        inside = {start[name] + 1, start[name] + 2}
        lines = tuple(sorted({*start.values()} | inside))
        kills = tuple(k for k, m in enumerate(mutants) if m.line in inside)
        for count in (3, 4):
            bodies.append(body(name, count, count * (i + 2)))
            tests.append(TestResult(f"test_{name}_{count}", "existing", "passed", lines=lines, kills=kills))
        wrong = body(name, 5, 5 * (i + 2) + 1)
        tests.append(TestResult(f"test_{name}_5", "broken", "failed", "expected", text=wrong, lines=lines))
        tests.append(
            TestResult(
                f"test_{name}_6",
                "written",
                "passed",
                text=body(name, 6, 6 * (i + 2)),
                lines=lines,
                kills_known=False,
            )
        )
    executable = {line for n in names for line in range(start[n], start[n] + 3)}
    return Record(
        "python", repository, "0" * 40, "Apache-2.0", "shop.py", "test_shop.py", text, header + "\n\n".join(bodies),
        tuple(sorted(executable)), tuple(MutantResult(m.operator, m.line, m.ordinal) for m in mutants), tuple(tests),
    )  # fmt: skip


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """(folder with `records`, `blocks` and `splits.json`): eight shops."""
    root = tmp_path_factory.mktemp("shops")
    splits = {}
    for i, split in enumerate(["train"] * 4 + ["validation"] * 2 + ["test"] * 2):
        name = f"ours/shop{i}"
        splits[name] = split
        found = shop_record(name, (WORDS[i:] + WORDS[:i])[:6])
        write_record(found, root / "records" / "python" / f"shop-{i}.json.gz")
        write_block(build_block(found), root / "blocks" / "python" / f"shop-{i}-0123456789ab.block")
    (root / "splits.json").write_text(json.dumps(splits))
    return root


@pytest.fixture
def make_record():
    return shop_record


@pytest.fixture
def ask_about():
    """A question: a candidate, existing tests, and labels."""

    def make(
        candidate, existing=(), labels=(True, True, True), repository="ours/shop", names=WORDS[:4], context=()
    ):
        header = "from shop import *\n\n\n"
        sample = Sample(
            "python",
            focal(names),
            header + "\n\n".join(existing),
            candidate,
            "",
            "shop.py",
            "test_shop.py",
            context,
        )
        return read(Item(sample, repository, "written", labels), canonical(sample))

    return make
