"""A pretrained model that learns: all its weights, or low-rank additions to them, under a head with three outputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
import torch
from peft import LoraConfig, TaskType, get_peft_model
from transformers import AutoModelForSequenceClassification

from runfree_training.comparison.contenders import SIGNAL_COUNT, Question, Scores, labels_of
from runfree_training.pretrained.loading import Reader, device, reader
from runfree_training.pretrained.settings import PretrainedSettings

Learning = Literal["full", "lora"]
_BATCHES_SORTED = 8  # batches drawn together and sorted by length, so that little is padded


def masked_loss(logits: torch.Tensor, labels: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """Mean binary cross-entropy over the labels that are known; (r, 3) each, 0 if none is."""
    losses = torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), labels, reduction="none")
    return (losses * known).sum() / known.sum().clamp(min=1)


def classifier(name: str, learning: Learning, pad: int, settings: PretrainedSettings) -> Any:
    """The model with a new head of three outputs; with "lora" only the additions and the head can learn."""
    # Steps of a usual size are lost in the rounding of bfloat16: what learns is held in float32.
    dtype = torch.float32 if learning == "full" else getattr(torch, settings.dtype)
    model = AutoModelForSequenceClassification.from_pretrained(name, num_labels=SIGNAL_COUNT, dtype=dtype)
    model.config.pad_token_id = pad  # decoders read the answer off the last token that is not padding
    if settings.gradient_checkpointing:
        model.gradient_checkpointing_enable()
    if learning == "lora":
        model = get_peft_model(
            model,
            LoraConfig(
                task_type=TaskType.SEQ_CLS,
                r=settings.lora_rank,
                lora_alpha=settings.lora_alpha,
                lora_dropout=settings.lora_dropout,
                target_modules="all-linear",
            ),
        )
    for weights in model.parameters():
        if weights.requires_grad:
            weights.data = weights.data.float()
    return model.to(device())


def batches(lengths: Sequence[int], size: int, rng: np.random.Generator) -> Iterator[list[int]]:
    """Indices of every sample once, in batches of like length, the order drawn anew."""
    order = rng.permutation(len(lengths))
    found = []
    for start in range(0, len(order), size * _BATCHES_SORTED):
        chunk = sorted(order[start : start + size * _BATCHES_SORTED].tolist(), key=lambda i: lengths[i])
        found += [chunk[at : at + size] for at in range(0, len(chunk), size)]
    for at in rng.permutation(len(found)):
        yield found[at]


class FineTuned:
    """A cross-encoder: the whole sample as one text, cut by relevance, and three logits."""

    def __init__(self, name: str, learning: Learning, settings: PretrainedSettings) -> None:
        self._name, self._learning, self._settings = name, learning, settings
        self._reader: Reader = reader(name)
        self._model: Any = None

    def trainable(self) -> tuple[int, int]:
        """How many parameters learn, and how many there are."""
        sizes = [(p.numel(), p.requires_grad) for p in self._model.parameters()]
        return sum(n for n, learns in sizes if learns), sum(n for n, _ in sizes)

    def _logits(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """Three logits for each row of token ids, (r, 3)."""
        low = self._settings.dtype == "bfloat16"
        with torch.autocast(device().type, dtype=torch.bfloat16, enabled=low):
            logits: torch.Tensor = self._model(**self._reader.batch(rows, device())).logits
        return logits

    def _rows(self, questions: Sequence[Question]) -> list[list[int]]:
        most = self._settings.tokens
        return self._reader.encode([self._reader.text(q, most) for q in questions], most)

    def fit(self, questions: Sequence[Question]) -> None:
        """AdamW with a rise and a linear fall of the rate; the same for the same seed on the same machine."""
        settings = self._settings
        rng = np.random.default_rng(settings.seed)
        torch.manual_seed(settings.seed)
        chosen = list(questions)
        if settings.train_samples and settings.train_samples < len(chosen):
            picked = rng.choice(len(chosen), settings.train_samples, replace=False)
            chosen = [chosen[i] for i in sorted(picked)]
        rows = self._rows(chosen)
        labels, known = (torch.tensor(x, dtype=torch.float32, device=device()) for x in labels_of(chosen))
        self._model = classifier(self._name, self._learning, self._reader.tokenizer.pad_token_id, settings)
        learning = [p for p in self._model.parameters() if p.requires_grad]
        rate = settings.lora_rate if self._learning == "lora" else settings.full_rate
        optimizer = torch.optim.AdamW(learning, lr=rate, weight_decay=settings.weight_decay)
        steps = settings.epochs * -(-len(rows) // settings.batch)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: min((step + 1) / max(1, steps // 10), (steps - step) / max(1, steps))
        )
        self._model.train()
        lengths = [len(row) for row in rows]
        for _ in range(settings.epochs):
            for at in batches(lengths, settings.batch, rng):
                loss = masked_loss(self._logits([rows[i] for i in at]), labels[at], known[at])
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(learning, 1.0)
                optimizer.step()
                schedule.step()

    def scores(self, questions: Sequence[Question]) -> Scores:
        """Probabilities (r, 3)."""
        rows = self._rows(questions)
        out = np.zeros((len(rows), SIGNAL_COUNT))
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        self._model.eval()
        for start in range(0, len(order), self._settings.batch):
            at = order[start : start + self._settings.batch]
            with torch.inference_mode():
                logits = self._logits([rows[i] for i in at])
            out[at] = torch.sigmoid(logits.float()).cpu().numpy()
        return out
