"""The settings that VS Code documents are those that the server knows, with the same defaults and ranges."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from runfree.config import Settings

MANIFEST = Path(__file__).parents[2] / "client-vscode" / "package.json"
CLIENT_ONLY = ("server.", "trace.")


def documented():
    groups = json.loads(MANIFEST.read_text(encoding="utf-8"))["contributes"]["configuration"]
    keys = {
        key.removeprefix("runfree."): entry for group in groups for key, entry in group["properties"].items()
    }
    return {key: entry for key, entry in keys.items() if not key.startswith(CLIENT_ONLY)}


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def known(settings=None, prefix=""):
    settings = settings or Settings()
    result = {}
    for item in fields(settings):
        value = getattr(settings, item.name)
        key = prefix + camel(item.name)
        if is_dataclass(value):
            result |= known(value, f"{key}.")
        else:
            result[key] = (value, item.metadata)
    return result


def test_every_setting_is_documented_and_no_other():
    assert set(documented()) == set(known())


@pytest.mark.parametrize("key", sorted(documented()))
def test_defaults_and_ranges_agree(key):
    entry = documented()[key]
    default, metadata = known()[key]
    plain = (
        dict(default)
        if hasattr(default, "keys")
        else list(default)
        if isinstance(default, tuple)
        else default
    )
    assert entry["default"] == plain
    assert entry.get("minimum") == metadata.get("min")
    assert entry.get("maximum") == metadata.get("max")
    assert entry["markdownDescription"]
    assert entry["scope"] in {"window", "resource", "machine", "machine-overridable"}
