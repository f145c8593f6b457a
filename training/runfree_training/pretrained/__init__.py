"""Pretrained language models as contenders, by name or folder; needs the extra `compare` (torch, transformers, peft)."""
