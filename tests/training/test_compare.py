"""The command: baselines learn and are judged on a corpus made here; what is missing is said in plain words."""

import json
import sys

import pytest
from click.testing import CliRunner

from runfree_training.cli import main
from runfree_training.comparison.surface import NAMES


@pytest.fixture
def compare(corpus):
    def run(output, *more):
        arguments = [
            "compare",
            corpus / "blocks",
            "--records",
            corpus / "records",
            "--splits",
            corpus / "splits.json",
        ]
        return CliRunner().invoke(main, [str(a) for a in (*arguments, "--output", output, *more)])

    return run


def test_baselines_in_one_table(compare, tmp_path):
    result = compare(tmp_path, "--judged-samples", "24", "--train-samples", "40")
    assert result.exit_code == 0, result.output
    table = (tmp_path / "comparison.md").read_text()
    names = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")][1:]
    trees = f"boosted trees, sample level, {len(NAMES)} features"
    assert names == ["majority", "length", "nearest existing test", trees]
    figures = json.loads((tmp_path / "comparison.json").read_text())
    natural = {name: sets["test"]["all/natural"] for name, sets in figures.items()}
    assert natural["majority"]["coverage"]["auroc"]["value"] == 0.5
    # Here a test brings new lines if and only if no existing test of its function is there.
    assert natural["boosted trees, sample level"]["coverage"]["auroc"]["value"] > 0.75
    assert natural["majority"]["coverage"]["samples"] == natural["length"]["coverage"]["samples"]


def test_given_samples_are_scored_beside(compare, tmp_path):
    rows = [
        {
            "language": "python", "focal": f"def price(n):\n    return n * {k}\n", "existing": "",
            "candidate": f"def test_price():\n    assert price(2) == {2 * k + k % 2}\n", "repository": f"ours/{k % 4}",
            "labels": {"pass": k % 2 == 0, "coverage_gain": k % 2 == 0, "mutation_gain": False},
        }
        for k in range(24)
    ]  # fmt: skip
    (tmp_path / "given.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    result = compare(tmp_path / "out", "--samples", tmp_path / "given.jsonl", "--split", "validation")
    assert result.exit_code == 0, result.output
    assert "samples: 24 samples" in result.output
    figures = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert figures["length"]["samples"]["all/all"]["passes"]["samples"] == 24
    assert "test" not in figures["length"]


def test_without_the_extra_it_says_what_to_install(compare, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    result = compare(tmp_path, "--pretrained", "some/model")
    assert result.exit_code == 1
    assert "pip install 'runfree[compare]'" in result.output
