"""The whole comparison with a causal model and an encoder, in every regime, by one command."""

import json

import pytest
from click.testing import CliRunner

from runfree_training.cli import main

SETTINGS = "tokens = 96\npart_tokens = 48\nbatch = 8\nepochs = 2\n"


@pytest.fixture
def compare(corpus, tmp_path):
    (tmp_path / "settings.toml").write_text(SETTINGS)

    def run(*more):
        arguments = [
            "compare", corpus / "blocks", "--records", corpus / "records", "--splits", corpus / "splits.json",
            "--output", tmp_path / "out", "--config", tmp_path / "settings.toml",
            "--judged-samples", 24, "--train-samples", 20, *more,
        ]  # fmt: skip
        return CliRunner().invoke(main, [str(a) for a in arguments])

    return run


def test_families_by_regimes_in_one_table(compare, tmp_path, tiny_llama, tiny_bert):
    result = compare("--pretrained", tiny_llama, "--pretrained", tiny_bert)
    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "out" / "comparison.json").read_text())
    frozen = ("frozen, candidate alone", "frozen, with nearest test and focal function")
    expected = {f"tiny-llama {regime}" for regime in ("zero-shot", *frozen, "full", "lora")}
    expected |= {f"tiny-bert {regime}" for regime in (*frozen, "full", "lora")}  # an encoder cannot be asked
    assert {name for name in figures if name.startswith("tiny")} == expected
    sizes = {sets["test"]["all/natural"]["coverage"]["samples"] for sets in figures.values()}
    assert len(sizes) == 1  # everyone was asked the same


def test_only_one_regime(compare, tmp_path, tiny_bert):
    assert compare("--pretrained", tiny_bert, "--regime", "lora").exit_code == 0
    figures = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert [name for name in figures if name.startswith("tiny")] == ["tiny-bert lora"]


def test_an_unknown_model_is_said_plainly(compare, tmp_path):
    result = compare("--pretrained", tmp_path / "nothing")
    assert result.exit_code == 1
    assert "no model of that name or folder" in result.output
