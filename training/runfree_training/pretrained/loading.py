"""Any Hugging Face encoder or causal language model by name or folder: its kind, its tokenizer, its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoTokenizer
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
)
from transformers.utils import logging

from runfree.errors import RunfreeError
from runfree_training.comparison.contenders import Question
from runfree_training.comparison.text import lay_out
from runfree_training.pretrained.settings import PretrainedSettings

# A head that is new, and a language head that is left out, are what is meant here: no warning.
logging.set_verbosity_error()
logging.disable_progress_bar()

Kind = Literal["encoder", "causal"]
UNBOUNDED = 1_000_000  # tokenizers without a limit say a number far above this


def device() -> torch.device:
    """The accelerator if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def _config(name: str) -> Any:
    try:
        return AutoConfig.from_pretrained(name)
    except (OSError, ValueError) as error:
        raise RunfreeError(
            f"{name}: no model of that name or folder can be read ({str(error).splitlines()[0]}); "
            "give a folder with config.json, tokenizer and weights, or a name that is in the local cache or can be fetched"
        ) from error


def kind_of(name: str) -> Kind:
    """Whether the model continues text or encodes it, by its configuration.

    Raises:
        RunfreeError: there is no such model.
    """
    config = _config(name)
    architectures = config.architectures or []
    if any(a.endswith(("ForCausalLM", "LMHeadModel")) for a in architectures):
        return "causal"
    if architectures:
        return "encoder"
    model = config.model_type
    decoder = model in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES and model not in MODEL_FOR_MASKED_LM_MAPPING_NAMES
    return "causal" if decoder else "encoder"


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """A model's tokenizer, and how many tokens the model was built to read."""

    tokenizer: Any
    limit: int

    def count(self, text: str) -> int:
        """Tokens of a text, without those that mark its ends."""
        return len(
            self.tokenizer(text, add_special_tokens=False, truncation=False, verbose=False)["input_ids"]
        )

    def text(self, question: Question, most: int) -> str:
        """A sample as one text of at most `most` tokens, end marks included, cut by relevance."""
        marks = self.tokenizer.num_special_tokens_to_add(pair=False)
        return lay_out(question.passages, question.paths, min(most, self.limit) - marks, self.count)

    def encode(self, texts: Sequence[str], most: int) -> list[list[int]]:
        """Token ids of each text, at most `most`, end marks included."""
        if not texts:
            return []
        ids: list[list[int]] = self.tokenizer(
            list(texts), truncation=True, max_length=min(most, self.limit), padding=False
        )["input_ids"]
        return ids

    def batch(self, rows: Sequence[Sequence[int]], on: torch.device) -> dict[str, torch.Tensor]:
        """Rows padded to the longest: `input_ids` and `attention_mask`, (r, longest) each."""
        longest = max(map(len, rows))
        pad = self.tokenizer.pad_token_id
        ids = torch.tensor([[*row, *[pad] * (longest - len(row))] for row in rows], device=on)
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows], device=on)
        return {"input_ids": ids, "attention_mask": mask}


def reader(name: str) -> Reader:
    """The tokenizer of a model, padding by its end mark where it has no padding token."""
    config = _config(name)
    tokenizer = AutoTokenizer.from_pretrained(name)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    limits = [getattr(config, "max_position_embeddings", None), tokenizer.model_max_length]
    if config.model_type in ("roberta", "xlm-roberta", "camembert"):  # two positions of theirs are taken
        limits[0] -= 2
    return Reader(tokenizer, min([x for x in limits if x and x < UNBOUNDED], default=UNBOUNDED))


def base_model(name: str, settings: PretrainedSettings) -> Any:
    """The model without a head, for its hidden states; ready to answer, not to learn."""
    model = AutoModel.from_pretrained(name, dtype=getattr(torch, settings.dtype))
    return model.to(device()).eval()


def causal_model(name: str, settings: PretrainedSettings) -> Any:
    """The model with its language head, for the probabilities of next tokens."""
    model = AutoModelForCausalLM.from_pretrained(name, dtype=getattr(torch, settings.dtype))
    return model.to(device()).eval()
