"""The command line: `runfree check | score | serve | doctor`.

Everything heavy is imported inside the commands, so that `runfree --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

import click

from runfree import __version__
from runfree.errors import RunfreeError
from runfree.loading import load_scorer

if TYPE_CHECKING:
    from runfree.config import Severity
    from runfree.report import FileReport
    from runfree.scorer import Scorer

FOUND, WRONG, INTERRUPTED = 1, 2, 130

_FORMATS = ("text", "json", "sarif", "github")
_LEVELS = ("error", "warning", "information", "never")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="runfree")
def cli() -> None:
    """Predicts, without running anything, whether unit tests pass, cover new lines and kill new mutants."""


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Score every test, not only new ones.")
@click.option("--since", metavar="REV", help="Score tests that are new or changed since that git revision.")
@click.option(
    "--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True, help="How to print."
)
@click.option(
    "--fail-on",
    type=click.Choice(_LEVELS),
    default="warning",
    show_default=True,
    help="Exit with 1 on findings of this severity or above.",
)
@click.option("--no-cache", is_flag=True, help="Neither read nor keep predictions on the disk.")
def check(
    paths: tuple[Path, ...], everything: bool, since: str | None, form: str, fail_on: str, no_cache: bool
) -> None:
    """Score the new tests of the test files found in PATHS (files or folders; default: here).

    New means added or changed against git HEAD; where there is no git, every test is scored.

    Exit: 0 nothing found at or above the level, 1 findings, 2 wrong usage or configuration.
    """
    if everything and since:
        raise click.UsageError("--all and --since exclude each other.")
    values: dict[str, Any] = {}
    if everything:
        values["scope"] = "all"
    if since is not None:
        values |= {"scope": "new", "since": since}
    if no_cache:
        values["cache"] = {"enabled": False}
    reports, scorer = _check(paths or (Path(),), values)
    _print(reports, form, scorer)
    if fail_on != "never":
        from runfree.check import failed

        level: Severity = fail_on  # type: ignore[assignment]
        sys.exit(FOUND if failed(reports, level) else 0)


@cli.command()
@click.argument("source", metavar="IN.jsonl", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-o",
    "--output",
    metavar="OUT.jsonl",
    default="-",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Where to write (default: standard output).",
)
def score(source: Path, output: Path) -> None:
    """Score samples, one JSON object a line; "-" stands for the standard streams.

    A line that cannot be scored gives {"id", "error"} and the rest go on; exit 1 if there was any.
    """
    from runfree.jsonl import score_stream

    if str(source) != "-" and str(output) != "-" and _same_file(source, output):
        raise click.UsageError("the output would overwrite the input.")
    wrong = 0
    with _reading(source) as incoming:
        scorer = load_scorer()
        with _writing(output) as outgoing, _progress("scoring", _count_lines(source)) as advance:
            for text, good in score_stream(incoming, scorer):
                outgoing.write(text.encode() + b"\n")
                outgoing.flush()
                wrong += not good
                advance("")
    if wrong:
        click.echo(f"runfree score: {wrong} line{'s' if wrong > 1 else ''} could not be scored.", err=True)
        sys.exit(FOUND)


@cli.command()
@click.option("--tcp", metavar="HOST:PORT", help="Listen there instead of on standard input (for debugging).")
@click.option("--stdio", is_flag=True, hidden=True, help="What editors append; it is the default.")
def serve(tcp: str | None, stdio: bool) -> None:
    """Speak the Language Server Protocol on standard input and output."""
    from runfree.lsp.run import run

    run(_host_and_port(tcp) if tcp else None)


@cli.command()
def doctor() -> None:
    """Print what a bug report needs: versions, model, cache, settings and where each came from.

    Exit: 0 all is well, 1 something is wrong.
    """
    from runfree.doctor import examine
    from runfree.render.plain import printable

    heading = ""
    wrong = False
    for item in examine(Path.cwd()):
        if item.heading != heading:
            heading = item.heading
            click.secho(heading, bold=True)
        mark = "!" if item.problem else " "
        click.echo(f"{mark} {item.name:<28} {printable(item.value)}")
        wrong = wrong or item.problem
    sys.exit(FOUND if wrong else 0)


def _check(paths: Sequence[Path], values: dict[str, Any]) -> tuple[list[FileReport], Scorer | None]:
    from runfree import config
    from runfree.cache import PredictionCache
    from runfree.check import check_file, examine_all
    from runfree.workspace.discovery import find_test_files

    folder = Path.cwd()
    settings = config.load(folder, values, editor_name="command line").settings
    limits = settings.limits
    files = find_test_files(paths, limits.git_seconds, limits.max_files)
    scorer: Scorer | None = None
    cache: PredictionCache | None = None
    reports = []
    try:
        with _progress("predicting", len(files)) as advance:
            for file in examine_all(files, values, lambda path: advance(path.name)):
                if scorer is None and file.names and file.focal.path:  # loaded when first needed
                    scorer, cache = load_scorer(), PredictionCache(settings.cache)
                reports.append(check_file(file, scorer, cache, folder))
    finally:
        if cache:
            cache.close()
    return reports, scorer


def _print(reports: Sequence[FileReport], form: str, scorer: Scorer | None) -> None:
    model = scorer.model_id if scorer else ""
    if form == "json":
        from runfree.render.json import dumps, report_json

        calibrated = list(scorer.calibrated) if scorer else []
        click.echo(dumps(report_json(reports, {"id": model or None, "calibrated": calibrated})))
    elif form == "sarif":
        from runfree.render.json import dumps
        from runfree.render.sarif import sarif

        click.echo(dumps(sarif(reports, __version__, model)))
    elif form == "github":
        from runfree.render.github import workflow_commands

        for line in workflow_commands(reports):
            click.echo(line)
    else:
        from rich.console import Console

        from runfree.render.table import print_reports
        from runfree.render.thresholds import Thresholds

        console = Console(width=None if sys.stdout.isatty() else 100, highlight=False)
        print_reports(console, reports, Thresholds(scorer.thresholds if scorer else {}))


@contextmanager
def _progress(what: str, total: int | None) -> Iterator[Any]:
    """A progress bar on standard error, only on a terminal and only if there is more than one thing to do.

    Gives a function to call for each step, with what the step is about.
    """
    if not sys.stderr.isatty() or (total is not None and total < 2):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from runfree.render.plain import printable, shortened

    columns = (
        TextColumn(what),
        BarColumn(complete_style="cyan", finished_style="cyan"),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns,
        TextColumn("{task.fields[name]}", markup=False),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(what, total=total, name="")
        yield lambda name: bar.update(task, advance=1, name=shortened(printable(name), 40))


@contextmanager
def _reading(path: Path) -> Iterator[BinaryIO]:
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise RunfreeError(f"{path}: cannot be read: {error.strerror}.") from None
    with stream:
        yield stream


@contextmanager
def _writing(path: Path) -> Iterator[BinaryIO]:
    if str(path) == "-":
        yield sys.stdout.buffer
        return
    try:
        stream = path.open("wb")
    except OSError as error:
        raise RunfreeError(f"{path}: cannot be written: {error.strerror}.") from None
    with stream:
        yield stream


def _count_lines(path: Path) -> int | None:
    if str(path) == "-" or not sys.stderr.isatty() or not path.is_file():
        return None
    with path.open("rb") as stream:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b""))


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise click.UsageError(f"--tcp: expected HOST:PORT, got {text!r}.")
    return host.strip("[]") or "127.0.0.1", int(port)


def main() -> NoReturn:
    """The entry point: every failure is one message and an exit code, never a traceback."""
    try:
        result = cli.main(standalone_mode=False)
        code = result if isinstance(result, int) else 0
    except click.ClickException as error:
        error.show()
        code = WRONG
    except RunfreeError as error:
        click.echo(f"runfree: {error}", err=True)
        code = WRONG
    except (KeyboardInterrupt, click.Abort):
        click.echo("runfree: stopped.", err=True)
        code = INTERRUPTED
    except Exception as error:
        if os.environ.get("RUNFREE_DEBUG"):
            raise
        kind = type(error).__name__
        click.echo(f"runfree: an error of its own ({kind}: {error}). RUNFREE_DEBUG=1 shows where.", err=True)
        code = WRONG
    sys.exit(code)


if __name__ == "__main__":
    main()
