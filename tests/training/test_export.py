"""The exported graph answers as the trainer does, on rows like those it was trained on and far from them."""

import hashlib
import json

import numpy as np
import pytest

from runfree.errors import RunfreeError
from runfree.model.calibration import Calibration
from runfree.model.forest import HEADS, Forest, read_config
from runfree.model.questions import HEAD_FEATURES
from runfree_training import export as exporting
from runfree_training.boosting import BoosterHeads, TreeSettings, fit
from runfree_training.export import PARITY, export, parity

SETTINGS = TreeSettings(rounds=40, leaf_rows=5)


def rows(head, count, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 5, size=(count, len(HEAD_FEATURES[head]))).astype(np.float32)


@pytest.fixture(scope="module")
def boosters():
    found = {}
    for seed, head in enumerate(HEADS):
        features = rows(head, 400, seed)
        labels = features[:, :3].sum(axis=1) + np.sin(features[:, 3]) > 0
        found[head] = fit(features, labels, np.ones(400, dtype=np.float32), SETTINGS, seed)
    return found


def write(boosters, folder):
    calibration = {s: {"python": Calibration()} for s in ("passes", "coverage", "mutation")}
    export(boosters, folder, "0.0.1", calibration, {}, {"RF001": {"python": 0.1}}, ("python",))


def test_parity_with_the_trainer(boosters, tmp_path):
    write(boosters, tmp_path)
    assert PARITY <= 1e-3
    assert parity(boosters, tmp_path) < 1e-3
    forest, trained = Forest(tmp_path, read_config(tmp_path)), BoosterHeads(boosters)
    for head in HEADS:
        for values in (rows(head, 500, 99), rows(head, 500, 98) * 1e4, np.round(rows(head, 500, 97))):
            told, expected = forest.scores(head, values), trained.scores(head, values)
            assert np.abs(told - expected).max() < 1e-3
            assert told.std() > 0.01


def test_the_config_holds_the_hash_of_the_graph(boosters, tmp_path):
    write(boosters, tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["sha256"] == hashlib.sha256((tmp_path / "model.onnx").read_bytes()).hexdigest()
    assert {head: tuple(names) for head, names in config["features"].items()} == HEAD_FEATURES


def test_a_graph_that_answers_otherwise_is_refused(boosters, tmp_path, monkeypatch):
    other = {
        **boosters,
        "lines": fit(rows("lines", 400, 7), rows("lines", 400, 7)[:, 5] > 0, np.ones(400), SETTINGS, 1),
    }
    graph = exporting.to_onnx(other)
    monkeypatch.setattr(exporting, "to_onnx", lambda _: graph)
    with pytest.raises(RunfreeError, match="differs from the trainer"):
        write(boosters, tmp_path)
