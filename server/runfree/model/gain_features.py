"""Second stage: from the answers on lines or mutants to «does the candidate gain anything the existing tests lack?»."""

from __future__ import annotations

import numpy as np

from runfree.model.focal_index import Floats, Ints

TOP = 4

GAIN_FEATURES: tuple[str, ...] = (
    *(f"top_over_best_{i + 1}" for i in range(TOP)),
    *(f"top_over_all_{i + 1}" for i in range(TOP)),
    "sum_over_best",
    "sum_over_all",
    "any_over_best",
    "any_over_all",
    "candidate_at_top",
    "existing_at_top",
    "candidate_sum",
    "candidate_share",
    "existing_sum",
    "existing_share",
    "questions",
    "certain_new",
    "likely_new",
    "functions_new",
    "existing_tests",
)


def gain_features(
    candidate: Floats, existing: Floats, groups: Ints, grades: Floats, existing_grades: Floats
) -> Floats:
    """One row of features for one candidate, shape (len(GAIN_FEATURES),), float32.

    Args:
        candidate: (n,) probability that the candidate alone covers the line (kills the mutant).
        existing: (t, n) the same for each existing test; t may be 0.
        groups: (n,) function index of each question, -1 at module level.
        grades: (n,) what was computed for the candidate: 0 never, 1 possibly or unknown, 2 likely, 3 certain.
        existing_grades: (t, n) the same for each existing test.
    """
    n = len(candidate)
    out = np.zeros(len(GAIN_FEATURES), dtype=np.float32)
    out[-1] = len(existing)
    if not n:
        return out
    best = existing.max(axis=0) if len(existing) else np.zeros(n, dtype=np.float32)
    missed = (
        np.exp(np.log1p(-np.minimum(existing, 0.995)).sum(axis=0))
        if len(existing)
        else np.ones(n, dtype=np.float32)
    )
    known = existing_grades.max(axis=0) if len(existing) else np.zeros(n, dtype=np.float32)
    over_best = candidate * (1 - best)
    over_all = candidate * missed
    order = np.argsort(-over_best, kind="stable")
    k = min(TOP, n)
    out[:k] = over_best[order[:k]]
    out[TOP : TOP + k] = np.sort(over_all)[::-1][:k]
    position = 2 * TOP
    new_groups = 0
    for group in np.unique(groups):
        inside = groups == group
        new_groups += bool(candidate[inside].max() > 0.5 and best[inside].max() < 0.3)
    out[position:-1] = (
        over_best.sum(),
        over_all.sum(),
        1 - np.exp(np.log1p(-np.minimum(over_best, 0.995)).sum()),
        1 - np.exp(np.log1p(-np.minimum(over_all, 0.995)).sum()),
        candidate[order[0]],
        best[order[0]],
        candidate.sum(),
        candidate.mean(),
        best.sum(),
        best.mean(),
        n,
        float(((grades >= 3) & (known <= 0)).sum()),
        float(((grades >= 2) & (known <= 1)).sum()),
        new_groups,
    )
    return out
