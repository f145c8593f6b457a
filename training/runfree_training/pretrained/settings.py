"""How pretrained models are used: lengths, rates, sizes; one set for all models of a comparison."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PretrainedSettings:
    """One run.

    Attributes:
        tokens: what a model may read of a sample at most (less where it was built for less).
        part_tokens: the same for each text that is embedded by itself (frozen).
        batch: samples a step. epochs: over the training samples. train_samples: drawn of them at most, 0 for all.
        full_rate, lora_rate: highest learning rate; it rises over the first tenth of the steps and falls to 0.
        lora_rank, lora_alpha, lora_dropout: as in Hu et al. 2021, on all linear layers.
        dtype: "float32", or "bfloat16" where the accelerator has it. gradient_checkpointing: less memory, more time.
    """

    tokens: int = 384
    part_tokens: int = 192
    batch: int = 16
    epochs: int = 1
    train_samples: int = 0
    full_rate: float = 1e-4
    lora_rate: float = 1e-3
    weight_decay: float = 0.01
    lora_rank: int = 8
    lora_alpha: int = 16
    lora_dropout: float = 0.05
    dtype: str = "float32"
    gradient_checkpointing: bool = False
    seed: int = 0


def read_settings(path: Path) -> PretrainedSettings:
    """Settings from a TOML file; keys are those of `PretrainedSettings`."""
    return PretrainedSettings(**tomllib.loads(path.read_text(encoding="utf-8")))
