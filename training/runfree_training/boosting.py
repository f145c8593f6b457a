"""Gradient-boosted trees: fitting a head, answering with it, and writing all heads as one ONNX graph."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import onnx
from onnx import TensorProto, helper

from runfree.model.focal_index import Floats


@dataclass(frozen=True, slots=True)
class TreeSettings:
    """Size and regularisation of one head's ensemble."""

    rounds: int = 300
    learning_rate: float = 0.06
    leaves: int = 47
    leaf_rows: int = 60
    feature_share: float = 0.6
    row_share: float = 0.8
    l2: float = 5.0


def fit(
    features: Floats,
    labels: Any,
    weights: Floats,
    settings: TreeSettings,
    seed: int = 0,
    signs: Sequence[int] | None = None,
    kept: Path | None = None,
) -> lightgbm.Booster:
    """Fits one binary head; deterministic for a seed. Labels are 0 / 1 (or booleans), weights of any scale.

    `signs`: for each feature whether the answer may only rise (1) or fall (-1) with it; 0 where anything goes.
    `kept`: a folder that holds fitted heads by all that they were fitted from; one that is there is not fitted again.
    """
    labels = np.asarray(labels, dtype=np.float32)
    parameters: dict[str, Any] = {
        "objective": "binary",
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "min_data_in_leaf": min(settings.leaf_rows, max(2, len(features) // 20)),
        "feature_fraction": settings.feature_share,
        "bagging_fraction": settings.row_share,
        "bagging_freq": 1,
        "lambda_l2": settings.l2,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,  # more only wait for each other on a shared machine
        "verbosity": -1,
    }
    if signs is not None and any(signs):
        parameters |= {"monotone_constraints": list(signs)}
    place = kept / f"{_digest(features, labels, weights, parameters, settings.rounds)}.txt" if kept else None
    if place and place.exists():
        return lightgbm.Booster(model_str=place.read_text())
    data = lightgbm.Dataset(features, label=labels, weight=weights / weights.mean())
    booster = lightgbm.train(parameters, data, num_boost_round=settings.rounds)
    if place:
        place.parent.mkdir(parents=True, exist_ok=True)
        half = place.with_suffix(f".{os.getpid()}")  # a run that is killed leaves whole heads only
        half.write_text(booster.model_to_string())
        half.replace(place)
    return booster


def _digest(
    features: Floats, labels: Floats, weights: Floats, parameters: Mapping[str, Any], rounds: int
) -> str:
    digest = hashlib.blake2b(
        repr((parameters, rounds, features.shape, lightgbm.__version__)).encode(), digest_size=16
    )
    for array in (features, labels, weights):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


class BoosterHeads:
    """Boosters as `runfree.model.questions.Heads`."""

    def __init__(self, boosters: Mapping[str, lightgbm.Booster]) -> None:
        self.boosters = boosters

    def scores(self, head: str, rows: Floats) -> Floats:
        """Probabilities (r,) of one head."""
        if not len(rows):
            return np.zeros(0, dtype=np.float32)
        return np.asarray(self.boosters[head].predict(rows), dtype=np.float32)


def _floor32(value: float) -> float:
    """The largest float32 not above a threshold: for float32 inputs, x <= t stays exactly as it was trained."""
    rounded = np.float32(value)
    return float(rounded if float(rounded) <= value else np.nextafter(rounded, np.float32(-np.inf)))


def _ensemble(booster: lightgbm.Booster, head: str) -> Any:
    """One TreeEnsembleRegressor node: `<head>` (r, width) -> `<head>_score` (r, 1), the sum of the leaves (log odds)."""
    nodes: dict[str, list[Any]] = {
        k: [] for k in ("tree", "node", "feature", "mode", "value", "true", "false", "missing")
    }
    leaves: dict[str, list[Any]] = {k: [] for k in ("tree", "node", "weight")}
    for tree_id, tree in enumerate(booster.dump_model()["tree_info"]):
        queue: list[tuple[dict[str, Any], int]] = [(tree["tree_structure"], 0)]
        free = 1
        while queue:
            node, node_id = queue.pop()
            nodes["tree"].append(tree_id)
            nodes["node"].append(node_id)
            if "split_feature" not in node:
                values = (0, "LEAF", 0.0, 0, 0, 0)
                leaves["tree"].append(tree_id)
                leaves["node"].append(node_id)
                leaves["weight"].append(float(node["leaf_value"]))
            else:
                if node["decision_type"] != "<=":
                    raise ValueError(f"unexpected decision type {node['decision_type']}")
                left, right, free = free, free + 1, free + 2
                queue += [(node["left_child"], left), (node["right_child"], right)]
                values = (
                    node["split_feature"],
                    "BRANCH_LEQ",
                    _floor32(node["threshold"]),
                    left,
                    right,
                    int(node["default_left"]),
                )
            for key, value in zip(
                ("feature", "mode", "value", "true", "false", "missing"), values, strict=True
            ):
                nodes[key].append(value)
    return helper.make_node(
        "TreeEnsembleRegressor",
        [head],
        [f"{head}_score"],
        domain="ai.onnx.ml",
        n_targets=1,
        aggregate_function="SUM",
        post_transform="NONE",
        nodes_treeids=nodes["tree"],
        nodes_nodeids=nodes["node"],
        nodes_featureids=nodes["feature"],
        nodes_modes=nodes["mode"],
        nodes_values=nodes["value"],
        nodes_truenodeids=nodes["true"],
        nodes_falsenodeids=nodes["false"],
        nodes_missing_value_tracks_true=nodes["missing"],
        target_treeids=leaves["tree"],
        target_nodeids=leaves["node"],
        target_ids=[0] * len(leaves["tree"]),
        target_weights=leaves["weight"],
    )


def to_onnx(boosters: Mapping[str, lightgbm.Booster]) -> bytes:
    """All heads in one graph: an input (r, width) and an output (r, 1) of log odds each."""
    inputs = [
        helper.make_tensor_value_info(head, TensorProto.FLOAT, [None, booster.num_feature()])
        for head, booster in boosters.items()
    ]
    outputs = [
        helper.make_tensor_value_info(f"{head}_score", TensorProto.FLOAT, [None, 1]) for head in boosters
    ]
    graph = helper.make_graph([_ensemble(b, head) for head, b in boosters.items()], "rmrf", inputs, outputs)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)], ir_version=9
    )
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data
