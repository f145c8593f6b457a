"""The model card: a template whose tables are filled from metrics.json, so that no figure in it is typed by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click

from runfree.errors import RunfreeError
from runfree.model.forest import read_config
from runfree_training.evaluate import markdown
from runfree_training.metrics import Scores

_SLOT = re.compile(r"\{\{(\w+)(?:: ([^}]*))?\}\}")


def _table(figures: dict[str, Any], wanted: list[str]) -> str:
    chosen = {g: by for g, by in figures.items() if not wanted or g in wanted}
    found = {g: {signal: Scores.from_dict(s) for signal, s in by.items()} for g, by in chosen.items()}
    return markdown(found).rstrip("\n")


def _alarms(alarms: dict[str, Any]) -> str:
    lines = [
        "| language | passing tests | fires on them | fired on natural candidates | of them right |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {language} | {a['passing_tests']} | {a['fires_on_passing']:.1%} | {a['fired_natural']} | {a['precision_natural']:.1%} |"
        for language, a in alarms.items()
    ]
    return "\n".join(lines)


def fill(template: str, metrics: dict[str, Any], facts: dict[str, str]) -> str:
    """Fills `{{table: name}}`, `{{table: name / group, group}}`, `{{alarms: name}}` and `{{fact}}`.

    Raises:
        RunfreeError: the template names figures that metrics.json does not hold.
    """

    def slot(match: re.Match[str]) -> str:
        kind, argument = match[1], match[2] or ""
        name, _, groups = argument.partition(" / ")
        try:
            if kind == "table":
                return _table(metrics[name]["figures"], [g.strip() for g in groups.split(",") if g.strip()])
            if kind == "alarms":
                return _alarms(metrics[name]["RF001"])
            return facts[kind]
        except KeyError as error:
            raise RunfreeError(f"the model card asks for {match[0]}, which is not there: {error}") from error

    return _SLOT.sub(slot, template)


@click.command()
@click.option("--model", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--template", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
def command(model: Path, template: Path) -> None:
    """Writes the model folder's README.md from the template and its metrics.json."""
    config = read_config(model)
    metrics = json.loads((model / "metrics.json").read_text(encoding="utf-8"))
    size = sum(p.stat().st_size for p in model.iterdir()) / 1e6
    facts = {
        "version": config.version,
        "sha": config.sha256[:12],
        "size": f"{size:.1f} MB",
        "calibrated": ", ".join(config.calibrated),
        "thresholds": ", ".join(
            f"{code} {language} {value}"
            for code, by in config.thresholds.items()
            for language, value in by.items()
        ),
    }
    (model / "README.md").write_text(
        fill(template.read_text(encoding="utf-8"), metrics, facts), encoding="utf-8"
    )
