"""Compiles a Go package's tests together with its candidates, and says which candidate each error belongs to."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runfree.errors import RunfreeError
from runfree_training.execute.go_suite import CandidateFile, Import

ROUNDS = 12
_ERROR = re.compile(r"^(?:vet: )?(\S+\.go):(\d+)(?::\d+)?: (.*)$")


class CannotBuildError(RunfreeError):
    """The package's own tests do not compile, so nothing can be learned from it."""


@dataclass(frozen=True, slots=True)
class CompileError:
    """One error: file name (without its folder), 1-based line, message; `related`: other files it names."""

    file: str
    line: int
    message: str
    related: tuple[str, ...] = ()


def environment() -> dict[str, str]:
    """The environment for compiling: no network, no cgo, the toolchain at hand."""
    return {**os.environ, "GOPROXY": "off", "GOFLAGS": "-mod=mod -buildvcs=false", "GOTOOLCHAIN": "local",
            "CGO_ENABLED": "0", "GOWORK": "off"}  # fmt: skip


def compile_tests(package: Path, binary: Path, *, cover: bool, seconds: float = 300.0) -> list[CompileError]:
    """Compiles the test binary of one package; an empty list means that it was made.

    Raises:
        CannotBuildError: it failed without naming a place, or took too long.
    """
    command = ["go", "test", "-c", "-o", str(binary), "-gcflags=-e", "-ldflags=-s -w", "-vet=off"]
    command += ["-cover", "-covermode=set"] if cover else []
    try:
        done = subprocess.run(
            [*command, "."],
            cwd=package,
            env=environment(),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CannotBuildError(f"compiling took more than {seconds:.0f} s") from None
    if done.returncode == 0 and binary.exists():
        return []
    errors = read_errors(done.stdout + done.stderr)
    if not errors:
        said = (done.stderr.strip() or done.stdout.strip() or "no test files").splitlines()
        raise CannotBuildError(f"go test -c failed: {said[-1][:300]}")
    return errors


def read_errors(output: str) -> list[CompileError]:
    """The errors in the compiler's output, in order; indented lines belong to the error above them."""
    errors: list[CompileError] = []
    for line in output.splitlines():
        if match := _ERROR.match(line):
            errors.append(CompileError(Path(match[1]).name, int(match[2]), match[3]))
        elif line.startswith("\t") and errors:
            more = line.strip()
            named = tuple(Path(f).name for f in re.findall(r"(\S+\.go):\d+", more))
            last = errors[-1]
            errors[-1] = CompileError(last.file, last.line, last.message, (*last.related, *named))
    return errors


def syntax_errors(package: Path, files: Sequence[str]) -> list[CompileError]:
    """Syntax errors of some files: a quick look that saves a compilation, for they would hide all other errors."""
    if not files:
        return []
    command = ["gofmt", "-e", "-l", *files]
    try:
        done = subprocess.run(
            command, cwd=package, capture_output=True, text=True, errors="replace", timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return read_errors(done.stderr)


def compile_candidates(
    package: Path, binary: Path, candidates: Sequence[CandidateFile], *, cover: bool
) -> dict[int, str]:
    """Compiles the package with the candidates' files; drops those with errors until it compiles.

    Returns the error message of each candidate (by index) that does not compile; the files of the others are left
    in the package.

    Raises:
        CannotBuildError: an error that no candidate can be blamed for.
    """
    alive = {c.file_name: c for c in candidates}
    refused: dict[int, str] = {}
    for candidate in candidates:
        (package / candidate.file_name).write_text(candidate.text())
    for error in syntax_errors(package, list(alive)):
        if error.file in alive:
            refused[alive.pop(error.file).index] = error.message
            (package / error.file).unlink()
    for _ in range(ROUNDS):
        errors = compile_tests(package, binary, cover=cover)
        if not errors:
            return refused
        blamed = _blame(errors, alive)
        if not blamed:
            raise CannotBuildError(f"{errors[0].file}:{errors[0].line}: {errors[0].message}")
        for name, error in blamed.items():
            candidate = alive[name]
            spare = candidate.line_of_import(error.line) if "imported and not used" in error.message else None
            if spare is not None:
                _take_out(candidate, spare)
                (package / name).write_text(candidate.text())
                continue
            refused[candidate.index] = error.message
            del alive[name]
            (package / name).unlink()
    raise CannotBuildError(f"still errors after {ROUNDS} rounds: {errors[0].message}")


def _blame(errors: Sequence[CompileError], alive: dict[str, CandidateFile]) -> dict[str, CompileError]:
    """The first error of each candidate's file; where there is none, candidates that an error names besides."""
    blamed: dict[str, CompileError] = {}
    for error in errors:
        if error.file in alive:
            blamed.setdefault(error.file, error)
    if not blamed:
        for error in errors:
            for name in error.related:
                if name in alive:
                    blamed.setdefault(name, CompileError(name, 0, error.message))
    return blamed


def _take_out(candidate: CandidateFile, spare: Import) -> None:
    candidate.header = [i for i in candidate.header if i is not spare]
