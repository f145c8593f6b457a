"""Writes the model folder: one ONNX graph, and a config with its hash, features, calibration and thresholds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import lightgbm
import numpy as np

from runfree.errors import RunfreeError
from runfree.model.calibration import Calibration
from runfree.model.forest import HEADS, SCHEMA, Forest, read_config
from runfree.model.questions import HEAD_FEATURES
from runfree_training.boosting import BoosterHeads, to_onnx

PARITY = 1e-4  # largest difference between trainer and exported model, in probability


def export(
    boosters: Mapping[str, lightgbm.Booster],
    folder: Path,
    version: str,
    calibration: Mapping[str, Mapping[str, Calibration]],
    reliability: Mapping[str, Mapping[str, float]],
    thresholds: Mapping[str, Mapping[str, float]],
    languages: tuple[str, ...],
) -> None:
    """Writes model.onnx and config.json and checks that they answer as the trainer does.

    Raises:
        RunfreeError: the exported model differs from the trainer by more than `PARITY`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = to_onnx({head: boosters[head] for head in HEADS})
    (folder / "model.onnx").write_bytes(data)
    config = {
        "name": "rmrf",
        "version": version,
        "schema": SCHEMA,
        "sha256": hashlib.sha256(data).hexdigest(),
        "features": {head: list(HEAD_FEATURES[head]) for head in HEADS},
        "calibration": {s: {k: asdict(c) for k, c in by.items()} for s, by in calibration.items()},
        "reliability": reliability,
        "thresholds": thresholds,
        "calibrated": list(languages),
        "unsure": {"passes": 0.1, "coverage": 0.1, "mutation": 0.1},
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    gap = parity(boosters, folder)
    if gap > PARITY:
        raise RunfreeError(f"{folder}: the exported model differs from the trainer by {gap:.2g}")


def parity(boosters: Mapping[str, lightgbm.Booster], folder: Path, rows: int = 2000) -> float:
    """Largest difference in probability over random rows of each head's thresholds' range."""
    rng = np.random.default_rng(0)
    forest = Forest(folder, read_config(folder))
    trained = BoosterHeads(boosters)
    worst = 0.0
    for head in HEADS:
        width = len(HEAD_FEATURES[head])
        values = rng.choice([-1, 0, 0.25, 0.5, 0.9, 1, 2, 3, 7, 20, 80], size=(rows, width)).astype(
            np.float32
        )
        worst = max(worst, float(np.abs(forest.scores(head, values) - trained.scores(head, values)).max()))
    return worst
