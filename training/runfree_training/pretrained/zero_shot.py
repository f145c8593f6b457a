"""A causal language model that is only asked: how likely is "yes" rather than "no" after each of the three questions?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from runfree_training.comparison.contenders import SIGNAL_COUNT, Question, Scores
from runfree_training.pretrained.loading import causal_model, device, reader
from runfree_training.pretrained.settings import PretrainedSettings

QUESTIONS = (
    "Does the new test compile and pass when it is run?",
    "Does the new test pass and execute a line of the code under test that the existing tests do not execute?",
    "Does the new test pass and fail on some small fault put into the code under test that the existing tests miss?",
)
ANSWERS = (" yes", " no")
CHAT_ANSWERS = ("Yes", "No")  # a chat format ends in a line break of its own
_TASK = (
    "Below is code under test, its existing tests and a new test. Read them and answer with yes or no.\n\n"
)
_ASKED = "\n\nQuestion: {}\nAnswer (yes or no):"


class ZeroShot:
    """Learns nothing. The sample is read once; the six endings (question and answer) share what was read."""

    def __init__(self, name: str, settings: PretrainedSettings) -> None:
        self._settings = settings
        self._reader = reader(name)
        self._model = causal_model(name, settings)
        self._chat = getattr(self._reader.tokenizer, "chat_template", None) is not None

    def fit(self, questions: Sequence[Question]) -> None:
        """Nothing to do."""

    def prompts(self, text: str) -> list[str]:
        """The whole prompt of each question, in the model's chat format where it has one."""
        plain = [_TASK + text + _ASKED.format(question) for question in QUESTIONS]
        if not self._chat:
            return plain
        return [
            self._reader.tokenizer.apply_chat_template(
                [{"role": "user", "content": p}], tokenize=False, add_generation_prompt=True
            )
            for p in plain
        ]

    def _ids(self, text: str, *, start: bool) -> list[int]:
        # A chat format writes its own start mark; elsewhere the tokenizer adds it, if the model has one.
        marks = start and not self._chat
        ids: list[int] = self._reader.tokenizer(text, add_special_tokens=marks, verbose=False)["input_ids"]
        end = self._reader.tokenizer.eos_token_id
        return ids[:-1] if start and ids and ids[-1] == end else ids

    def scores(self, questions: Sequence[Question]) -> Scores:
        """P(yes) / (P(yes) + P(no)) for each question, shape (r, 3)."""
        asked = max(self._reader.count(p) for p in self.prompts(""))
        most = min(self._settings.tokens, self._reader.limit) - asked - 16
        return np.stack([self._one(self._reader.text(q, most)) for q in questions])

    def _one(self, text: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        prompts = self.prompts(text)
        answers = CHAT_ANSWERS if self._chat else ANSWERS
        shared = _shared(prompts)
        opening = self._ids(shared, start=True)
        endings = [(p[len(shared) :], answer) for p in prompts for answer in answers]
        with torch.inference_mode():
            likely = self._endings(opening, endings).reshape(SIGNAL_COUNT, len(answers))
        return np.asarray(torch.softmax(likely, dim=1)[:, 0].cpu().numpy(), dtype=np.float64)

    def _endings(self, opening: list[int], endings: Sequence[tuple[str, str]]) -> torch.Tensor:
        """Log probability of each answer after the opening and its question, shape (endings,)."""
        on = device()
        read = self._model(input_ids=torch.tensor([opening], device=on), use_cache=True)
        past = read.past_key_values
        past.batch_repeat_interleave(len(endings))
        asked = [self._ids(question, start=False) for question, _ in endings]
        answers = [self._ids(answer, start=False) for _, answer in endings]
        rows = [[*q, *a] for q, a in zip(asked, answers, strict=True)]
        batch = self._reader.batch(rows, on)
        before = torch.ones((len(rows), len(opening)), dtype=torch.long, device=on)
        logits = self._model(
            input_ids=batch["input_ids"],
            attention_mask=torch.cat([before, batch["attention_mask"]], dim=1),
            past_key_values=past,
        ).logits
        told = torch.log_softmax(logits.float(), dim=-1)
        found = []
        for i, (q, a) in enumerate(zip(asked, answers, strict=True)):
            # The logits at a place tell the token after it.
            found.append(sum(told[i, len(q) + k - 1, token] for k, token in enumerate(a)))
        return torch.stack([torch.as_tensor(x) for x in found])


def _shared(texts: Sequence[str]) -> str:
    """What all texts begin with."""
    first, last = min(texts), max(texts)
    differs = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:differs]
