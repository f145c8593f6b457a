"""A pretrained model as it is: embeddings of candidate, nearest existing test and focal function, and a linear head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from runfree_training.comparison.contenders import SIGNAL_COUNT, Question, Scores, labels_of
from runfree_training.comparison.text import Part
from runfree_training.pretrained.loading import base_model, device, reader
from runfree_training.pretrained.settings import PretrainedSettings

Floats = npt.NDArray[np.float32]
EMBEDDED: tuple[Part, ...] = ("candidate", "existing", "focal")
STRENGTHS = (0.0003, 0.003, 0.03)  # inverse regularisation, chosen by repository-grouped cross-validation


class Embedder:
    """Mean of a model's last hidden states over the tokens of a text (Reimers and Gurevych 2019), kept by text."""

    def __init__(self, name: str, settings: PretrainedSettings) -> None:
        self._settings = settings
        self._reader = reader(name)
        self._model = base_model(name, settings)
        self._known: dict[str, Floats] = {}

    def embed(self, texts: Iterable[str]) -> dict[str, Floats]:
        """text -> embedding of length 1, shape (width,); texts of like length go together."""
        new = sorted({t for t in texts if t not in self._known})
        rows = self._reader.encode(new, self._settings.part_tokens)
        order = sorted(range(len(new)), key=lambda i: len(rows[i]))
        for start in range(0, len(order), self._settings.batch):
            chosen = order[start : start + self._settings.batch]
            batch = self._reader.batch([rows[i] for i in chosen], device())
            with torch.inference_mode():
                hidden = self._model(**batch).last_hidden_state.float()
            mask = batch["attention_mask"].unsqueeze(-1)
            mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
            for i, vector in zip(
                chosen, torch.nn.functional.normalize(mean, dim=-1).cpu().numpy(), strict=True
            ):
                self._known[new[i]] = vector
        return self._known


def parts_of(question: Question) -> dict[Part, str]:
    """The most relevant passage of each part that is embedded; parts that a sample lacks are left out."""
    found: dict[Part, str] = {}
    for passage in question.passages:
        if passage.part in EMBEDDED:
            found.setdefault(passage.part, passage.text)
    return found


class Frozen:
    """Embeddings and a logistic regression a signal. `parts`: which texts it sees, the candidate first."""

    def __init__(
        self,
        name: str,
        settings: PretrainedSettings,
        parts: Sequence[Part] = EMBEDDED,
        embedder: Embedder | None = None,
    ) -> None:
        self._embedder = embedder or Embedder(name, settings)
        self._parts = tuple(parts)
        self._heads: list[Pipeline | float] = []

    def features(self, questions: Sequence[Question]) -> Floats:
        """(r, width): the embeddings, how the candidate differs from each of the others, and their cosines."""
        found = [parts_of(q) for q in questions]
        known = self._embedder.embed(text for parts in found for p, text in parts.items() if p in self._parts)
        nothing = np.zeros_like(next(iter(known.values())))
        rows = []
        for parts in found:
            vectors = [known[parts[p]] if p in parts else nothing for p in self._parts]
            candidate, others = vectors[0], vectors[1:]
            gaps = [np.abs(candidate - other) for other in others]
            cosines = [float(candidate @ other) for other in others]
            rows.append(np.concatenate([*vectors, *gaps, np.array(cosines, dtype=np.float32)]))
        return np.stack(rows).astype(np.float32)

    def fit(self, questions: Sequence[Question]) -> None:
        """Fits the heads; how strongly they are held back is chosen on repositories left out."""
        features = self.features(questions)
        labels, known = labels_of(questions)
        repositories = np.array([q.item.repository for q in questions])
        self._heads = [
            _best_head(features[known[:, k]], labels[known[:, k], k] > 0, repositories[known[:, k]])
            for k in range(SIGNAL_COUNT)
        ]

    def scores(self, questions: Sequence[Question]) -> Scores:
        """Probabilities (r, 3)."""
        features = self.features(questions)
        told = [
            np.full(len(features), head) if isinstance(head, float) else head.predict_proba(features)[:, 1]
            for head in self._heads
        ]
        return np.stack(told, axis=1)


def _head(strength: float) -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=300))


def _best_head(
    features: Floats, labels: npt.NDArray[np.bool_], repositories: npt.NDArray[np.str_]
) -> Pipeline | float:
    """The head held back as is best on repositories left out; the share of positives where there is one class only."""
    if len(np.unique(labels)) < 2:
        return float((labels.sum() + 1) / (len(labels) + 2))
    groups = min(3, len(set(repositories.tolist())))
    folds = list(GroupKFold(groups).split(features, labels, repositories)) if groups > 1 else []

    def quality(strength: float) -> float:
        found = []
        for inside, outside in folds:
            if len(np.unique(labels[inside])) == len(np.unique(labels[outside])) == 2:
                head = _head(strength).fit(features[inside], labels[inside])
                found.append(roc_auc_score(labels[outside], head.predict_proba(features[outside])[:, 1]))
        return float(np.mean(found)) if found else 0.0

    return _head(max(STRENGTHS, key=quality)).fit(features, labels)
