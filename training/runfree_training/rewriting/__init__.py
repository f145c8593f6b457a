"""Rewrites of source text that leave what runs as it is: what a model's predictions are tested against."""
