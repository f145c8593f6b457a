"""The whole way from records to a model that scores, on a corpus made here whose truth is known by construction."""

import json

import lightgbm
import pytest
from click.testing import CliRunner

from runfree import Sample
from runfree.model.forest import Forest, read_config
from runfree.mutation import list_mutants
from runfree.scorer import Scorer
from runfree_training.cli import main
from runfree_training.comparison.samples import read_pairs
from runfree_training.records import MutantResult, Record, TestResult, write_record
from runfree_training.stages import sample_rows
from runfree_training.train import probabilities, raw_scores

WORDS = ["apple", "bread", "cider", "dates", "eggs", "flour", "grape", "honey"]


def focal(names):
    parts = ['"""Made for a test."""\n']
    for i, name in enumerate(names):
        parts.append(
            f"\n\ndef price_{name}(count):\n    unit = {i + 2}\n    total = count * unit\n    return total\n"
        )
    return "".join(parts)


def make_test(name, count, expected):
    return f"def test_{name}_{count}():\n    assert price_{name}({count}) == {expected}\n"


def record(repository, names):
    """Each function has two passing tests and a broken one; a test covers its function and kills its mutants."""
    text = focal(names)
    mutants = list_mutants("python", text)
    lines = text.splitlines()
    start = {
        n: next(i for i, line in enumerate(lines, 1) if line.startswith(f"def price_{n}(")) for n in names
    }
    module = {1, *start.values()}
    tests, bodies = [], []
    for i, name in enumerate(names):
        body = {start[name] + 1, start[name] + 2, start[name] + 3}
        kills = tuple(k for k, m in enumerate(mutants) if m.line in body)
        covered = tuple(sorted(module | body))
        for count in (3, 4):
            bodies.append(make_test(name, count, count * (i + 2)))
            tests.append(TestResult(f"test_{name}_{count}", "existing", "passed", lines=covered, kills=kills))
        wrong = make_test(name, 5, 5 * (i + 2) + 1)
        undefined = wrong.replace(f"price_{name}", f"cost_{name}")
        tests.append(
            TestResult(
                f"test_{name}_5",
                "broken",
                "failed",
                "expected",
                text=wrong,
                error="AssertionError",
                lines=covered,
            )
        )
        tests.append(
            TestResult(
                f"test_{name}_5",
                "broken",
                "failed",
                "undefined",
                text=undefined,
                error="NameError",
                lines=tuple(module),
            )
        )
    header = "from shop import " + ", ".join(f"price_{n}" for n in names) + "\n\n\n"
    executable = module | {start[n] + k for n in names for k in (1, 2, 3)}
    return Record(
        "python",
        repository,
        "0" * 40,
        "Apache-2.0",
        "shop.py",
        "test_shop.py",
        text,
        header + "\n\n".join(bodies),
        tuple(sorted(executable)),
        tuple(MutantResult(m.operator, m.line, m.ordinal) for m in mutants),
        tuple(tests),
    )


CONFIG = """
folds = 2
[heads.lines]
rounds = 60
leaf_rows = 5
[heads.mutants]
rounds = 60
leaf_rows = 5
[heads.passes]
rounds = 40
leaf_rows = 5
[heads.coverage]
rounds = 40
leaf_rows = 5
[heads.mutation]
rounds = 40
leaf_rows = 5
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """(folder of blocks, model folder, splits file): trained by the commands a developer would type."""
    root = tmp_path_factory.mktemp("training")
    splits = {}
    for i, split in enumerate(["train"] * 4 + ["validation"] * 2 + ["test"] * 2):
        name = f"ours/shop{i}"
        splits[name] = split
        names = WORDS[i:] + WORDS[:i]
        write_record(record(name, names[:6]), root / "records" / f"{i}.json.gz")
    (root / "splits.json").write_text(json.dumps(splits))
    (root / "config.toml").write_text(CONFIG)
    runner = CliRunner()

    def run(*arguments):
        result = runner.invoke(main, [str(a) for a in arguments], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    # The repositories of this corpus are made of the same functions: held-out ones share them by construction.
    run("dataset", root / "records", "--output", root / "blocks", "--keep-duplicates")
    run(
        "train",
        root / "blocks",
        "--output",
        root / "model",
        "--config",
        root / "config.toml",
        "--splits",
        root / "splits.json",
    )
    run(
        "evaluate", root / "blocks", "--model", root / "model", "--splits", root / "splits.json",
        "--json", root / "metrics.json", "--name", "own", "--pictures", root / "pictures",
    )  # fmt: skip
    return root


def test_it_learns_what_is_plain_here(trained):
    figures = json.loads((trained / "metrics.json").read_text())["own"]["figures"]["all/all"]
    assert figures["coverage"]["auroc"]["value"] > 0.9
    assert figures["mutation"]["auroc"]["value"] > 0.9
    assert figures["passes"]["samples"] > 50


def test_the_evaluator_draws_what_it_measured(trained):
    for name in ("reliability", "precision-recall", "abstention"):
        picture = (trained / "pictures" / f"{name}.svg").read_text()
        assert picture.count("coverage") >= 1
        assert "<path" in picture


def test_the_exported_model_scores_a_sample(trained):
    scorer = Scorer.load(trained / "model")
    text = focal(WORDS[:4])
    header = "from shop import price_apple, price_bread, price_cider, price_dates\n\n\n"
    existing = header + make_test("apple", 3, 6) + "\n\n" + make_test("bread", 3, 9)

    def told(candidate):
        return scorer.score(
            Sample("python", text, existing, candidate, focal_path="shop.py", test_path="test_shop.py")
        )

    new, redundant = told(make_test("cider", 5, 20)), told(make_test("apple", 4, 8))
    broken = told(make_test("cider", 5, 20).replace("price_cider", "price_of_cider"))
    assert new.coverage_gain > redundant.coverage_gain
    assert new.passes > broken.passes
    assert {line.line for line in new.new_lines} >= {17, 18, 19}
    assert not {line.line for line in redundant.new_lines} & {5, 6, 7}
    assert told(make_test("cider", 5, 20)) == new


def test_the_evaluator_and_the_scorer_say_the_same(trained):
    """Features have one implementation: a sample judged by its block is answered as its text is."""
    config = read_config(trained / "model")
    forest, scorer = Forest(trained / "model", config), Scorer.load(trained / "model")
    compared = 0
    for block, items in read_pairs(
        trained / "blocks", trained / "records", {"ours/shop6"}, 12, ["held-out", "broken"]
    ):
        rows = sample_rows([block], lambda _: forest)
        p = probabilities(rows, raw_scores(rows, forest), config.calibration, config.reliability)
        for at, item, _ in items:
            told = scorer.score(item.sample)
            judged = [p[signal][at] for signal in ("passes", "coverage", "mutation")]
            assert [told.passes, told.coverage_gain, told.mutation_gain] == pytest.approx(judged, abs=2e-4)
            compared += 1
    assert compared == 12


def test_the_same_seed_makes_the_same_model(trained, tmp_path):
    arguments = ("train", trained / "blocks", "--output", tmp_path, "--config", trained / "config.toml")
    splits = ("--splits", trained / "splits.json")
    CliRunner().invoke(main, [str(a) for a in (*arguments, *splits)], catch_exceptions=False)
    for name in ("model.onnx", "config.json"):
        assert (tmp_path / name).read_bytes() == (trained / "model" / name).read_bytes()


def test_a_stopped_run_goes_on_from_its_checkpoints(trained, tmp_path, monkeypatch):
    arguments = (
        "train",
        trained / "blocks",
        "--config",
        trained / "config.toml",
        "--checkpoints",
        tmp_path / "kept",
    )
    splits = ("--splits", trained / "splits.json")
    fitted = []
    really_train = lightgbm.train

    def train(*given, **named):
        if len(fitted) == 5:
            raise KeyboardInterrupt
        fitted.append(1)
        return really_train(*given, **named)

    def run(output):
        return CliRunner().invoke(main, [str(a) for a in (*arguments, *splits, "--output", output)])

    monkeypatch.setattr(lightgbm, "train", train)
    assert run(tmp_path / "stopped").exit_code != 0
    monkeypatch.setattr(
        lightgbm, "train", lambda *given, **named: fitted.append(1) or really_train(*given, **named)
    )
    assert run(tmp_path / "model").exit_code == 0
    heads = len(list((tmp_path / "kept").iterdir()))
    assert heads > 5
    assert len(fitted) == heads, "a head was fitted twice"
    for name in ("model.onnx", "config.json"):
        assert (tmp_path / "model" / name).read_bytes() == (trained / "model" / name).read_bytes()


def test_gains_never_exceed_passing(trained):
    scorer = Scorer.load(trained / "model")
    for name in WORDS[:3]:
        p = scorer.score(Sample("python", focal(WORDS[:4]), "", make_test(name, 2, 1)))
        assert max(p.coverage_gain, p.mutation_gain) <= p.passes


def test_building_blocks_again_changes_nothing(trained):
    before = {p.name: p.stat().st_mtime_ns for p in (trained / "blocks").rglob("*.block")}
    CliRunner().invoke(
        main,
        ["dataset", str(trained / "records"), "--output", str(trained / "blocks"), "--keep-duplicates"],
        catch_exceptions=False,
    )
    assert {p.name: p.stat().st_mtime_ns for p in (trained / "blocks").rglob("*.block")} == before
