"""The command line of the pipeline, `runfree-train`: thin commands, the work is done in the modules they name."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from runfree.errors import RunfreeError
from runfree.sample import LANGUAGES, Language
from runfree_training.execute import Settings

# Further commands, each a click command `command` in a module of its own, loaded only when asked for
# (torch and lightgbm are slow to import and not needed for labelling).
_MODULES = (
    "counts",
    "dataset",
    "train",
    "evaluate",
    "ablate",
    "compare",
    "robustness",
    "card",
    "release",
    "written",
)

_language = click.option("--language", type=click.Choice(LANGUAGES), required=True)
_folder = click.Path(file_okay=False, path_type=Path)
_found = click.Path(exists=True, file_okay=False, path_type=Path)


class _Commands(click.Group):
    """A group that finds the heavy commands by module name and turns our errors into plain words."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        here = Path(__file__).parent
        return [*super().list_commands(ctx), *(m for m in _MODULES if (here / f"{m}.py").exists())]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in _MODULES and name in self.list_commands(ctx):
            found: click.Command = importlib.import_module(f"runfree_training.{name}").command
            return found
        return super().get_command(ctx, name)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except RunfreeError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands)
def main() -> None:
    """From public repositories to a trained model: corpus, label, dataset, train, evaluate, export."""


@main.command()
@click.argument("clones", type=_found)
@_language
@click.option(
    "--output", type=_folder, required=True, help="Checkouts, environments and the corpus list go here."
)
@click.option(
    "--list",
    "listing",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="Allowed repositories, one 'owner/name  # LICENCE' a line.",
)
@click.option(
    "--exclude",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Repositories never to touch, one 'owner/name' a line.",
)
@click.option("--only", multiple=True, metavar="OWNER/NAME", help="Only these repositories.")
def corpus(
    clones: Path, language: Language, output: Path, listing: Path, exclude: Path | None, only: tuple[str, ...]
) -> None:
    """Check out the clones, install what their tests need and find focal/test pairs."""
    from runfree_training.corpus import build

    build(clones, language, output, listing, exclude, only)


@main.command()
@click.argument("path", type=_found)
@_language
@click.option("--output", type=_folder, required=True, help="Records are written here, one file a pair.")
@click.option(
    "--pairs", metavar="GLOB", default="*", show_default=True, help="Only pairs whose focal path matches."
)
@click.option("--most-pairs", type=int, default=12, show_default=True, help="Pairs a project at most.")
@click.option("--jobs", type=int, default=1, show_default=True, help="Pairs labelled at one time.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--mutants", type=int, default=40, show_default=True, help="Mutants a focal file at most.")
@click.option("--tests", type=int, default=120, show_default=True, help="Existing tests a file at most.")
@click.option("--broken", type=int, default=200, show_default=True, help="Broken candidates a file at most.")
@click.option("--history", type=int, default=0, show_default=True, help="History records a project at most.")
@click.option(
    "--patience",
    type=click.FloatRange(min=1.0),
    default=1.0,
    show_default=True,
    help="Multiplies the time limits (Java), for a busy machine.",
)
@click.option(
    "--written",
    type=click.Path(exists=True, path_type=Path),
    help="Candidates by authors, JSON lines (a file, or a folder of *.jsonl): label these alone, each pair's in a "
    "record beside its own.",
)
def label(
    path: Path,
    language: Language,
    output: Path,
    pairs: str,
    most_pairs: int,
    jobs: int,
    seed: int,
    mutants: int,
    tests: int,
    broken: int,
    history: int,
    patience: float,
    written: Path | None,
) -> None:
    """Run the tests and candidates of PATH: a project's folder, or a corpus made by `corpus`."""
    from runfree_training.label import label_path

    settings = Settings(
        seed=seed,
        mutants=mutants,
        tests=tests,
        broken_per_file=broken,
        history=history,
        written=written,
        patience=patience,
    )
    label_path(path, language, output, settings, pairs, most_pairs, jobs)


if __name__ == "__main__":
    main()
