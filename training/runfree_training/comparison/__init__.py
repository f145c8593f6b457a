"""The comparison: model families by regimes, from plain baselines to pretrained models, on the same samples."""
