"""Pictures of an evaluation: reliability, precision-recall and abstention, a panel a signal, a line a language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from runfree_training.metrics import BINS

matplotlib.rcParams["svg.hashsalt"] = "runfree"  # the same figures give the same file
matplotlib.rcParams["svg.fonttype"] = "none"  # text stays text
COLOURS = {"python": "#3572a5", "java": "#b07219", "go": "#00897b", "all": "#444444"}
LEAST = 10  # samples in a bin of a reliability diagram, and of either class elsewhere

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]


def reliability(labels: Labels, p: Array) -> tuple[Array, Array]:
    """Mean probability and share of positives of each bin that holds enough samples."""
    which = np.minimum((p * BINS).astype(int), BINS - 1)
    full = [b for b in range(BINS) if (which == b).sum() >= LEAST]
    return np.array([p[which == b].mean() for b in full]), np.array([labels[which == b].mean() for b in full])


def precision_recall(labels: Labels, p: Array) -> tuple[Array, Array]:
    """Recall and precision at each distinct probability, from the highest."""
    order = np.argsort(-p, kind="stable")
    last = np.flatnonzero(np.concatenate([np.diff(p[order]) != 0, [True]]))
    hits = np.cumsum(labels[order])[last]
    return hits / labels.sum(), hits / (last + 1)


def abstention(labels: Labels, p: Array) -> tuple[Array, Array]:
    """Share answered and accuracy among the answered, when the least sure are left unanswered first."""
    order = np.argsort(-np.abs(p - 0.5), kind="stable")
    right = ((p >= 0.5) == labels)[order]
    answered = np.arange(1, len(p) + 1)
    start = max(LEAST, len(p) // 50) - 1
    return (answered / len(p))[start:], (np.cumsum(right) / answered)[start:]


Curve = Callable[[Labels, Array], tuple[Array, Array]]
KINDS: Mapping[str, tuple[Curve, str, str]] = {
    "reliability": (reliability, "predicted probability", "share of positives"),
    "precision-recall": (precision_recall, "recall", "precision"),
    "abstention": (abstention, "share answered, surest first", "accuracy of the answers"),
}


def _panel(axes: Axes, kind: str, found: Mapping[str, tuple[Labels, Array]]) -> None:
    curve = KINDS[kind][0]
    for language, (labels, p) in found.items():
        if min(labels.sum(), (~labels).sum()) < LEAST:
            continue
        x, y = curve(labels, p)
        axes.plot(
            x,
            y,
            color=COLOURS.get(language),
            label=language,
            marker="o" if kind == "reliability" else "",
            markersize=3,
            linewidth=1.4,
        )
        if kind == "precision-recall":
            axes.axhline(labels.mean(), color=COLOURS.get(language), linewidth=0.6, linestyle=":")
        if kind == "abstention":
            base = max(labels.mean(), 1 - labels.mean())
            axes.axhline(base, color=COLOURS.get(language), linewidth=0.6, linestyle=":")
    if kind == "reliability":
        axes.plot([0, 1], [0, 1], color="#999999", linewidth=0.6, linestyle=":")
    axes.set_xlim(0, 1.01)
    axes.set_ylim(0.5 if kind == "abstention" else 0, 1.01)
    axes.grid(linewidth=0.3)


def draw(
    samples: Mapping[str, Mapping[str, tuple[Sequence[bool], Sequence[float]]]], folder: Path
) -> list[Path]:
    """Draws one SVG file a kind of picture: `samples` is signal -> language -> (labels, probabilities)."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, (_, x_label, y_label) in KINDS.items():
        figure = Figure(figsize=(3.6 * len(samples), 3.4), layout="constrained")
        panels = figure.subplots(1, len(samples), squeeze=False)[0]
        for axes, (signal, by_language) in zip(panels, samples.items(), strict=True):
            found = {
                name: (np.array(labels, dtype=np.bool_), np.array(p, dtype=np.float64))
                for name, (labels, p) in by_language.items()
            }
            _panel(axes, kind, found)
            axes.set_title(signal)
            axes.set_xlabel(x_label)
        panels[0].set_ylabel(y_label)
        if panels[0].get_legend_handles_labels()[0]:
            panels[0].legend(fontsize=8)
        path = folder / f"{kind}.svg"
        figure.savefig(path, metadata={"Date": None})
        written.append(path)
    return written
