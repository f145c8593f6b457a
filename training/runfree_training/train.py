"""Training, the whole run in one command: both stages, each cross-fitted by repository, calibration, thresholds, export."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatch
from pathlib import Path
from time import perf_counter

import click
import numpy as np
import numpy.typing as npt
from lightgbm import Booster
from rich.console import Console
from scipy.optimize import minimize

from runfree.model.calibration import Calibration
from runfree.model.certainty import CLAIMS, Reliability, claim, settled
from runfree.model.focal_index import Floats
from runfree.model.questions import HEAD_FEATURES, Heads
from runfree_training.blocks import Block, read_blocks
from runfree_training.boosting import BoosterHeads, TreeSettings, fit
from runfree_training.export import export
from runfree_training.metrics import best_threshold
from runfree_training.monotone import signs
from runfree_training.splits import SPLITS_FILE, assign
from runfree_training.stages import Rows, SampleRows, line_rows, mutant_rows, sample_rows

SIGNALS = ("passes", "coverage", "mutation")
NATURAL = ("held-out", "history", "artefact", "written")


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """One run. `folds`: cross-fitting by repository. `broken_weight`: of broken candidates beside natural ones.

    `calibration_broken_weight`: the same in calibration, where probabilities are to fit natural candidates.
    `monotone`: keep to the directions of `monotone.SIGNS`. For ablations: `without` are patterns of features that no
    tree may ask for, `without_sources` are sources of candidates that the second stage does not learn from.
    """

    version: str = "0.1.0"
    seed: int = 0
    folds: int = 4
    broken_weight: float = 0.5
    calibration_broken_weight: float = 0.1
    monotone: bool = True
    without: tuple[str, ...] = ()
    without_sources: tuple[str, ...] = ()
    heads: Mapping[str, TreeSettings] = field(default_factory=dict)


def read_settings(path: Path) -> TrainSettings:
    """Settings from a TOML file: top-level keys of `TrainSettings`, a table a head."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    heads = {name: TreeSettings(**values) for name, values in data.pop("heads", {}).items()}
    for name in ("without", "without_sources"):
        data[name] = tuple(data.get(name, ()))
    return TrainSettings(**data, heads=heads)


def fit_calibration(scores: Floats, labels: npt.NDArray[np.bool_], weights: Floats) -> Calibration:
    """Beta calibration by weighted log loss, with a light pull to the identity; a, b >= 0 keep the order."""
    p = np.clip(scores.astype(np.float64), 1e-4, 1 - 1e-4)
    x1, x2 = np.log(p), -np.log1p(-p)
    w = weights / weights.sum()

    def loss(v: npt.NDArray[np.float64]) -> float:
        z = v[0] * x1 + v[1] * x2 + v[2]
        fitted = np.sum(w * (np.logaddexp(0, z) - labels * z))
        return float(fitted + 1e-3 * ((v[0] - 1) ** 2 + (v[1] - 1) ** 2 + 0.1 * v[2] ** 2))

    best = minimize(
        loss, np.array([1.0, 1.0, 0.0]), bounds=[(0.05, 4), (0.05, 4), (-4, 4)], method="L-BFGS-B"
    )
    return Calibration(*(round(float(v), 6) for v in best.x))


def without_sources(rows: SampleRows, sources: Sequence[str]) -> SampleRows:
    """The rows without candidates of some sources."""
    if not sources:
        return rows
    keep = ~np.isin(rows.sources, list(sources))
    return replace(rows, **{f.name: getattr(rows, f.name)[keep] for f in fields(rows)})


def together(one: SampleRows, other: SampleRows) -> SampleRows:
    """The rows of both."""
    joined = {f.name: np.concatenate([getattr(one, f.name), getattr(other, f.name)]) for f in fields(one)}
    return SampleRows(**joined)


def source_weights(rows: SampleRows, broken_weight: float) -> Floats:
    """Weights of samples: broken ones count less, they are many and their mistakes are ours."""
    factor = np.where(rows.sources == "broken", broken_weight, 1.0)
    return (rows.weights * factor).astype(np.float32)


def _masked(head: str, features: Floats, without: Sequence[str]) -> Floats:
    """The features with columns whose names match a pattern made constant, so that no tree can ask for them."""
    columns = [i for i, name in enumerate(HEAD_FEATURES[head]) if any(fnmatch(name, p) for p in without)]
    if not columns:
        return features
    features = features.copy()
    features[:, columns] = 0
    return features


@dataclass(frozen=True, slots=True, eq=False)
class FirstStage:
    """The line and mutant heads, and the second stage's rows that follow from their answers.

    `training`: each repository's rows by heads that were not trained on it; `fold`: which share it was left out with.
    """

    boosters: Mapping[str, Booster]
    fold: Mapping[str, int]
    training: SampleRows
    validation: SampleRows


def _grow(
    head: str,
    features: Floats,
    labels: npt.NDArray[np.bool_],
    weights: Floats,
    settings: TrainSettings,
    kept: Path | None,
) -> Booster:
    tree = settings.heads.get(head, TreeSettings())
    known_signs = signs(head) if settings.monotone else None
    masked = _masked(head, features, settings.without)
    return fit(masked, labels, weights, tree, settings.seed, known_signs, kept)


def first_stage(
    training: Sequence[Block],
    validation: Sequence[Block],
    settings: TrainSettings,
    console: Console,
    kept: Path | None = None,
) -> FirstStage:
    """Fits the line and the mutant head on the training blocks, cross-fitted by repository."""
    repositories = sorted({b.repository for b in training})
    fold = {name: i % settings.folds for i, name in enumerate(repositories)}
    partial: list[dict[str, Booster]] = [{} for _ in range(settings.folds)]
    full: dict[str, Booster] = {}

    def unseen(repository: str) -> Heads:
        return BoosterHeads(partial[fold[repository]])

    def fit_head(head: str, rows: Rows, what: str) -> None:
        started = perf_counter()
        folds = np.array([fold[r] for r in rows.repositories])
        for k in range(settings.folds):
            keep = folds != k
            partial[k][head] = _grow(
                head, rows.features[keep], rows.labels[keep], rows.weights[keep], settings, kept
            )
        full[head] = _grow(head, rows.features, rows.labels, rows.weights, settings, kept)
        console.print(
            f"{head}: {len(rows.labels)} rows, {rows.labels.mean():.3f} {what}, {perf_counter() - started:.0f} s"
        )

    fit_head("lines", line_rows(training, settings.seed), "covered")
    fit_head("mutants", mutant_rows(training, unseen, settings.seed), "killed")
    return FirstStage(
        full, fold, sample_rows(training, unseen), sample_rows(validation, lambda _: BoosterHeads(full))
    )


def first_stage_depends_on(settings: TrainSettings) -> tuple[object, ...]:
    """What of the settings the first stage depends on: settings that agree in it may share one."""
    names = [f"{head}.{name}" for head in ("lines", "mutants") for name in HEAD_FEATURES[head]]
    masked = tuple(n for n in names if any(fnmatch(n.partition(".")[2], p) for p in settings.without))
    trees = tuple(settings.heads.get(head, TreeSettings()) for head in ("lines", "mutants"))
    return settings.seed, settings.folds, settings.monotone, masked, trees


def fit_second_stage(
    first: FirstStage, settings: TrainSettings, console: Console, kept: Path | None = None
) -> tuple[dict[str, Booster], SampleRows, dict[str, Floats]]:
    """Fits the three signals on the training rows.

    Returns:
        The heads; and samples with their scores (signal -> (r,)) by heads that saw nothing of their repositories in
        either stage: the validation split, and the training split as cross-fitted heads see it.
    """
    started = perf_counter()
    rows = without_sources(first.training, settings.without_sources)
    weights = source_weights(rows, settings.broken_weight)
    folds = np.array([first.fold[r] for r in rows.repositories])
    heads: dict[str, Booster] = {}
    scores: dict[str, Floats] = {}
    for signal in SIGNALS:
        features, (known, labels) = second_stage(rows, signal), targets(rows, signal)
        heads[signal] = _grow(signal, features[known], labels[known], weights[known], settings, kept)
        crossed = np.zeros(len(labels), dtype=np.float32)
        for k in range(settings.folds):
            keep, here = known & (folds != k), folds == k
            one = _grow(signal, features[keep], labels[keep], weights[keep], settings, kept)
            crossed[here] = BoosterHeads({signal: one}).scores(signal, features[here])
        held = BoosterHeads(heads).scores(signal, second_stage(first.validation, signal))
        scores[signal] = np.concatenate([held, crossed])
    share = rows.pass_labels.mean()
    console.print(f"samples: {len(weights)}, {share:.3f} passing, {perf_counter() - started:.0f} s")
    return heads, together(first.validation, rows), scores


def second_stage(rows: SampleRows, signal: str) -> Floats:
    """The features (r, width) that a signal's head asks for."""
    return rows.passes if signal == "passes" else rows.gains


def targets(rows: SampleRows, signal: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """What a signal's head learns: which samples (r,), and their labels (r,). Gains are asked of passing ones."""
    if signal == "passes":
        return np.ones(len(rows.pass_labels), dtype=np.bool_), rows.pass_labels
    labels = rows.coverage_labels if signal == "coverage" else rows.mutation_labels
    return rows.pass_labels & (labels >= 0), labels == 1


def raw_scores(rows: SampleRows, heads: Heads) -> dict[str, Floats]:
    """signal -> the second stage's scores (r,), not calibrated."""
    return {signal: heads.scores(signal, second_stage(rows, signal)) for signal in SIGNALS}


def calibrate(
    rows: SampleRows, scores: Mapping[str, Floats], settings: TrainSettings
) -> dict[str, dict[str, Calibration]]:
    """signal -> language -> calibration, on samples that the scores' heads had not seen; gains among passing ones."""
    weights = np.where(rows.sources == "broken", settings.calibration_broken_weight, 1.0).astype(np.float32)
    found: dict[str, dict[str, Calibration]] = {s: {} for s in SIGNALS}
    for signal in SIGNALS:
        known, labels = targets(rows, signal)
        for language in np.unique(rows.languages):
            chosen = known & (rows.languages == language)
            if chosen.sum() >= 50:
                found[signal][str(language)] = fit_calibration(
                    scores[signal][chosen], labels[chosen], weights[chosen]
                )
    return found


def measure_reliability(rows: SampleRows, least: int = 20) -> dict[str, dict[str, float]]:
    """claim -> language -> share of such claims that were right on these samples, with one of each added."""
    claims = np.array([claim(row) for row in rows.passes])
    found: dict[str, dict[str, float]] = {kind: {} for kind in CLAIMS}
    for kind in CLAIMS:
        right = rows.pass_labels if kind == "computed-passes" else ~rows.pass_labels
        for language in np.unique(rows.languages):
            here = (claims == kind) & (rows.languages == language)
            if here.sum() >= least:
                found[kind][str(language)] = round(float((right[here].sum() + 1) / (here.sum() + 2)), 4)
    return found


def probabilities(
    rows: SampleRows,
    scores: Mapping[str, Floats],
    calibration: Mapping[str, Mapping[str, Calibration]],
    reliability: Reliability,
) -> dict[str, Floats]:
    """The three signals as they are shown: calibrated, certain claims heeded, gains joint with passing; (r,) each."""
    out: dict[str, Floats] = {}
    for signal in SIGNALS:
        told = [
            calibration[signal].get(str(language), calibration[signal].get("python", Calibration()))(float(s))
            for s, language in zip(scores[signal], rows.languages, strict=True)
        ]
        out[signal] = np.array(told, dtype=np.float32)
    out["passes"] = np.array(
        [
            settled(float(p), row, str(language), reliability)
            for p, row, language in zip(out["passes"], rows.passes, rows.languages, strict=True)
        ],
        dtype=np.float32,
    )
    out["coverage"] *= out["passes"]
    out["mutation"] *= out["passes"]
    return out


def cut(values: Floats, wrong: npt.NDArray[np.bool_], precision: float, least: int = 20) -> float:
    """The highest threshold below which at least `precision` of the samples are `wrong`; 0.02 if there is none."""
    order = np.argsort(values, kind="stable")
    right = np.cumsum(wrong[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(right >= precision)
    good = good[good >= least - 1]
    return round(float(values[order[good[-1]]]), 4) if len(good) else 0.02


def set_thresholds(
    rows: SampleRows, p: Mapping[str, Floats], reliability: Reliability
) -> dict[str, dict[str, float]]:
    """Diagnostic thresholds, on samples that nothing of `p` was trained on.

    RF001 fires on at most 1 of 1,000 untouched passing tests and is right 9 times in 10, and 19 in 20 on natural
    candidates by themselves where enough of them fail to tell (new repositories take some of it). Certain claims of
    failing that are right 9 times in 10 fire as well, unless they do so on more than 2 of 100 untouched passing tests.
    """
    found: dict[str, dict[str, float]] = {"RF001": {}, "RF002": {}, "RF003": {}}
    for language in np.unique(rows.languages):
        here = rows.languages == language
        natural = here & np.isin(rows.sources, NATURAL)
        untouched = p["passes"][here & (rows.sources == "held-out")]
        limits = [cut(p["passes"][here], ~rows.pass_labels[here], 0.9), 0.5]
        if len(untouched):
            limits.append(round(float(np.quantile(untouched, 0.001)), 4))
        if (~rows.pass_labels[natural]).sum() >= 50:
            limits.append(cut(p["passes"][natural], ~rows.pass_labels[natural], 0.95))
        limit = min(limits)
        sure = [reliability[kind].get(str(language), 0.0) for kind in ("evidence-fails", "computed-fails")]
        certain = round(max((1 - right for right in sure if right >= 0.9), default=0.0) + 0.0001, 4)
        if (untouched < certain).mean() <= 0.02:
            limit = max(limit, certain)
        found["RF001"][str(language)] = limit
        calm = natural & (p["passes"] >= 0.5) & (rows.mutation_labels >= 0)
        top = np.maximum(p["coverage"], p["mutation"])
        nothing = (rows.coverage_labels <= 0) & (rows.mutation_labels <= 0)
        found["RF002"][str(language)] = min(cut(top[calm], nothing[calm], 0.9), 0.5)
        loud = calm & (p["coverage"] >= 0.5)
        unchecked = (rows.coverage_labels == 1) & (rows.mutation_labels == 0)
        found["RF003"][str(language)] = min(cut(p["mutation"][loud], unchecked[loud], 0.7, 5), 0.5)
        # Where a signal is called yes or no for F1: the best macro F1 on these samples.
        for signal, labels in (
            ("passes", rows.pass_labels),
            ("coverage", rows.coverage_labels == 1),
            ("mutation", rows.mutation_labels == 1),
        ):
            known = here & ((rows.mutation_labels >= 0) | (signal == "passes"))
            found.setdefault(signal, {})[str(language)] = round(
                best_threshold(labels[known], p[signal][known].astype(np.float64)), 4
            )
    return found


def make_model(
    blocks: Sequence[Block],
    output: Path,
    settings: TrainSettings,
    splits: Path,
    console: Console,
    known: dict[tuple[object, ...], FirstStage] | None = None,
    kept: Path | None = None,
) -> None:
    """Fits on the training split and writes the model folder. Calibration, reliability and thresholds come from the
    validation split and from the training split as seen by cross-fitted heads: what differs is between repositories.

    `known`: first stages of other settings on the same blocks; this one is added. `kept`: see `boosting.fit`.
    """
    known = {} if known is None else known
    key = first_stage_depends_on(settings)
    if key not in known:
        split = assign(sorted({b.repository for b in blocks}), splits)
        parts = [[b for b in blocks if split[b.repository] == name] for name in ("train", "validation")]
        known[key] = first_stage(parts[0], parts[1], settings, console, kept)
    heads, rows, scores = fit_second_stage(known[key], settings, console, kept)
    calibration = calibrate(rows, scores, settings)
    reliability = measure_reliability(rows)
    thresholds = set_thresholds(rows, probabilities(rows, scores, calibration, reliability), reliability)
    languages = tuple(sorted({str(x) for x in rows.languages}))
    boosters = {**known[key].boosters, **heads}
    export(boosters, output, settings.version, calibration, reliability, thresholds, languages)
    console.print(f"model written to {output}; thresholds {thresholds}")


@click.command()
@click.argument("blocks", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Model folder to write."
)
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML, see training/config.",
)
@click.option(
    "--splits",
    type=click.Path(dir_okay=False, path_type=Path),
    default=SPLITS_FILE,
    help="Repository -> split; new repositories are drawn and added.",
)
@click.option(
    "--checkpoints",
    type=click.Path(file_okay=False, path_type=Path),
    help="Fitted heads are kept here: a run that was stopped goes on from them.",
)
def command(blocks: Path, output: Path, config: Path | None, splits: Path, checkpoints: Path | None) -> None:
    """Fits the model on the training split, calibrates it on the validation split and exports it."""
    settings = read_settings(config) if config else TrainSettings()
    make_model(list(read_blocks(blocks)), output, settings, splits, Console(), kept=checkpoints)
