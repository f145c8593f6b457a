"""The model file in memory: one ONNX graph of tree ensembles, checked against its hash before it is loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from runfree.errors import RunfreeError
from runfree.model.calibration import Calibration
from runfree.model.focal_index import Floats

SCHEMA = 2  # of config.json and of the features' meaning: raise it when a feature changes
HEADS = ("lines", "mutants", "passes", "coverage", "mutation")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """`config.json`: what the model is, what it expects and how its scores become probabilities.

    Attributes:
        name, version: of the model. sha256: of model.onnx. features: head -> feature names, in order.
        calibration: signal -> language -> calibration. thresholds: diagnostic code -> language -> probability.
        reliability: what is claimed for certain (`certainty.CLAIMS`) -> language -> share that was right.
        calibrated: languages it has records of. unsure: signal -> half width around its threshold that counts as unsure.
    """

    name: str
    version: str
    sha256: str
    schema: int
    features: Mapping[str, tuple[str, ...]]
    calibration: Mapping[str, Mapping[str, Calibration]]
    thresholds: Mapping[str, Mapping[str, float]]
    calibrated: tuple[str, ...]
    unsure: Mapping[str, float] = field(default_factory=dict)
    reliability: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def read_config(folder: Path) -> ModelConfig:
    """Reads and checks `config.json`.

    Raises:
        RunfreeError: missing, unreadable, or made for another version.
    """
    path = folder / "config.json"
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        config = ModelConfig(
            name=str(data["name"]),
            version=str(data["version"]),
            sha256=str(data["sha256"]),
            schema=int(data["schema"]),
            features={head: tuple(names) for head, names in data["features"].items()},
            calibration={
                signal: {language: Calibration(**values) for language, values in by_language.items()}
                for signal, by_language in data["calibration"].items()
            },
            thresholds=data["thresholds"],
            calibrated=tuple(data["calibrated"]),
            unsure=data.get("unsure", {}),
            reliability=data.get("reliability", {}),
        )
    except FileNotFoundError as error:
        raise RunfreeError(f"model: {path} is missing; reinstall runfree") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunfreeError(f"model: {path} cannot be read ({error}); reinstall runfree") from error
    if config.schema != SCHEMA:
        raise RunfreeError(
            f"model: {path} has schema {config.schema}, this version of runfree reads {SCHEMA}; reinstall runfree"
        )
    return config


class Forest:
    """The five heads of the model behind one ONNX Runtime session."""

    def __init__(self, folder: Path, config: ModelConfig, threads: int = 2) -> None:
        path = folder / "model.onnx"
        try:
            data = path.read_bytes()
        except OSError as error:
            raise RunfreeError(
                f"model: {path} cannot be read ({error.strerror}); reinstall runfree"
            ) from error
        if hashlib.sha256(data).hexdigest() != config.sha256:
            raise RunfreeError(
                f"model: {path} is not the file its config names (hash differs); reinstall runfree"
            )
        try:
            import onnxruntime
        except ImportError as error:
            raise RunfreeError(
                f"onnxruntime does not load ({error}); reinstall it with: pip install --force-reinstall onnxruntime"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        self._only_needed = onnxruntime.RunOptions()
        self._only_needed.only_execute_path_to_fetches = True
        self._widths = {head: len(config.features[head]) for head in HEADS}

    def scores(self, head: str, rows: Floats) -> Floats:
        """Probabilities (r,) of one head for feature rows (r, width); uncalibrated."""
        if not len(rows):
            return np.zeros(0, dtype=np.float32)
        feeds = {h: rows if h == head else np.zeros((1, self._widths[h]), dtype=np.float32) for h in HEADS}
        (raw,) = self._session.run([f"{head}_score"], feeds, self._only_needed)
        return np.asarray(1.0 / (1.0 + np.exp(-raw[:, 0])), dtype=np.float32)
