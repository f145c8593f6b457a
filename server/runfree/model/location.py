"""Where the shipped model lies: inside the installed package, or in the repository it was built from."""

from __future__ import annotations

from pathlib import Path


def model_folder() -> Path:
    """The folder with model.onnx and config.json (it may be missing: loading says so)."""
    packaged = Path(__file__).resolve().parents[1] / "_model"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[3] / "models" / "rmrf"
