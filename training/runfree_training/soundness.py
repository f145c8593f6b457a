"""Measures the interpreter's claims against what really happened: `python -m runfree_training.soundness RECORDS`.

For each language: agreement of claims with execution (outcome, focal lines, mutants), reach (the share answered with
certainty), the commonest reasons for "unknown"; `--show` lists disagreements one by one.
"""

from __future__ import annotations

import ast
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import click

from runfree.canonical import canonical
from runfree.errors import RunfreeError
from runfree.interpreter import Answers, analyse_test, mutant_answers
from runfree.interpreter.answers import Outcome
from runfree.mutation import list_mutants
from runfree.sample import Language, Sample
from runfree.syntax.parse import parse
from runfree_training.records import Record, TestResult, read_record


@dataclass(frozen=True, slots=True)
class Trial:
    """One test with the texts it is read from and what happened when it was run; None where that is not known."""

    language: Language
    names: tuple[str, ...]
    place: str
    focal: str
    suite: str
    focal_path: str
    test_path: str
    context: tuple[tuple[str, str], ...]
    passed: bool | None
    covered: frozenset[int]
    executable: frozenset[int]
    source: str
    record: Record | None = None
    result: TestResult | None = None


@dataclass
class Score:
    """Right and wrong claims of one kind, and how many questions there were."""

    right: int = 0
    wrong: int = 0
    asked: int = 0

    def add(self, claimed: bool, right: bool = True) -> None:
        """Counts one question."""
        self.asked += 1
        if claimed:
            self.right += right
            self.wrong += not right

    def __str__(self) -> str:
        claims = self.right + self.wrong
        agreement = f"{self.right / claims:7.2%}" if claims else "      -"
        return f"{agreement} of {claims:7d} claims, reach {claims / self.asked if self.asked else 0:6.1%}"


@dataclass
class Totals:
    """All scores of one language."""

    scores: dict[str, Score] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    disagreements: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    mutant_seconds: list[float] = field(default_factory=list)

    def score(self, name: str) -> Score:
        """The score of a kind of claim."""
        return self.scores.setdefault(name, Score())


def record_trials(record: Record, limit: int, rng: random.Random) -> Iterator[Trial]:
    """The tests of a record, at most `limit` of them, in the form the server reads them."""
    tests = [t for t in record.tests if t.outcome not in ("flaky", "not-run", "timeout")]
    if record.written:
        tests = [t for t in tests if t.source == "written"]
    if len(tests) > limit:
        tests = rng.sample(tests, limit)
    place = f"{record.repository} {record.focal_path}"
    for test in tests:
        if test.source == "existing":
            suite, name = record.test_text, test.name
        else:
            header = record.test_text.replace(test.removes, "", 1) if test.removes else record.test_text
            sample = Sample(
                record.language,
                record.focal_text,
                header,
                test.text,
                test.name,
                record.focal_path,
                record.test_path,
                record.context,
            )
            try:
                case = canonical(sample)
            except RunfreeError:
                continue
            suite, name = case.suite.text, case.candidate.qualified_name
        # Where the file could not even be collected, no line was recorded, though modules were executed.
        known = getattr(test, "lines_known", True) and (test.lines or test.outcome != "error")
        yield Trial(
            record.language,
            (name,),
            place,
            record.focal_text,
            suite,
            record.focal_path,
            record.test_path,
            record.context,
            test.outcome == "passed",
            frozenset(test.lines),
            frozenset(record.focal_lines) if known and test.outcome != "does-not-compile" else frozenset(),
            test.source,
            record,
            test,
        )


def sample_trials(path: Path) -> Iterator[Trial]:
    """The `tune` part of the paper's samples."""
    for line in path.read_text().splitlines():
        row: dict[str, Any] = json.loads(line)
        if row["part"] != "tune":
            continue
        # The candidate is a whole file, and its label that of all the tests in it.
        text = row["candidate"]
        tests = parse(row["language"], text).tests
        if not tests:
            continue
        lines = row["lines"]
        if isinstance(lines, str):
            lines = ast.literal_eval(lines)
        covered = frozenset(lines.get("candidate_covered") or ())
        missed = frozenset(lines.get("candidate_missed") or ())
        yield Trial(
            row["language"],
            tuple(t.qualified_name for t in tests),
            row["id"],
            row["focal"],
            text,
            row["focal_path"],
            row["test_path"],
            (),
            row["labels"]["pass"],
            covered,
            covered | missed if row["labels"]["pass"] else frozenset(),
            row["subset"],
        )


def judge(trial: Trial, totals: Totals, most_mutants: int) -> None:
    """Reads one test and compares; `most_mutants` of the record's mutants are asked about, 0: none."""
    start = time.thread_time()
    answers = together(
        [
            analyse_test(
                trial.language,
                trial.focal,
                trial.suite,
                name,
                trial.focal_path,
                trial.test_path,
                context=trial.context,
            )
            for name in trial.names
        ]
    )
    totals.seconds.append(time.thread_time() - start)
    where = f"{trial.language} {trial.place} [{trial.source}] {trial.names[0]}"
    actual = "passes" if trial.passed else "fails"
    error = trial.result.error if trial.result is not None else ""
    claimed = answers.outcome != "unknown"
    totals.score("outcome").add(claimed, answers.outcome == actual)
    for word in ("passes", "fails"):
        totals.score("outcome " + word).add(answers.outcome == word, actual == word)
        totals.score("likely " + word).add(answers.likely == word, actual == word)
    totals.score("outcome of " + trial.source).add(claimed, answers.outcome == actual)
    # Reach of these two is the recall of failures and the rate of false alarms.
    says = answers.likely == "fails"
    totals.score(f"fails, {trial.source} that {actual[:4]}").add(says, actual == "fails")
    for assertion in answers.assertions:
        totals.score("assertions answered").add(assertion.state != "unknown")
        totals.score("assertions of " + trial.source).add(assertion.state != "unknown")
    if claimed and answers.outcome != actual:
        totals.disagreements.append(f"{where}: says {answers.outcome} ({answers.sentence}), {actual} {error}")
    if not claimed:
        totals.reasons[answers.reason.code if answers.reason is not None else "?"] += 1
    judge_lines(trial, answers, totals, where)
    if most_mutants and trial.record is not None and trial.result is not None:
        judge_mutants(trial, totals, where, most_mutants)


def together(answers: list[Answers]) -> Answers:
    """The answers of a file's tests as one: it passes where all pass, a line is covered where one covers it."""
    if len(answers) == 1:
        return answers[0]
    words = [(a.outcome, a.likely) for a in answers]

    def joined(states: Sequence[Outcome]) -> Outcome:
        return "fails" if "fails" in states else "passes" if set(states) == {"passes"} else "unknown"

    lines = {line for a in answers for line in a.line_grades}
    first = next((a for a in answers if a.outcome == "unknown"), answers[0])
    return replace(
        first,
        outcome=joined([o for o, _ in words]),
        likely=joined([p for _, p in words]),
        assertions=tuple(x for a in answers for x in a.assertions),
        line_grades={n: max(a.line_grades.get(n, 0) for a in answers) for n in lines},
    )


def judge_lines(trial: Trial, answers: Answers, totals: Totals, where: str) -> None:
    """Compares the grades of lines with the lines covered."""
    names = {0: "lines never", 1: "lines possible", 2: "lines likely", 3: "lines certain"}
    wrong: dict[int, list[int]] = {}
    for line in trial.executable:
        grade = answers.line_grades.get(line, 1)
        covered = line in trial.covered
        for value, name in names.items():
            right = covered if value else not covered
            totals.score(name).add(grade == value, right)
            if grade == value and not right and value in (0, 3):
                wrong.setdefault(grade, []).append(line)
    for grade, lines in wrong.items():
        totals.disagreements.append(f"{where}: {names[grade]} {sorted(lines)[:12]} ({answers.outcome})")


def judge_mutants(trial: Trial, totals: Totals, where: str, most: int) -> None:
    """Compares the fates of at most `most` mutants with the kills recorded."""
    record, result = cast(Record, trial.record), cast(TestResult, trial.result)
    if not result.kills_known or result.outcome != "passed":
        return
    listed = {(m.operator, m.line, m.ordinal): m for m in list_mutants(record.language, record.focal_text)}
    asked = [
        (i, listed[(m.operator, m.line, m.ordinal)])
        for i, m in enumerate(record.mutants)
        if not m.incompetent and i not in result.timeouts and (m.operator, m.line, m.ordinal) in listed
    ]
    if len(asked) > most:
        asked = sorted(random.Random(f"{trial.place} {trial.names[0]}").sample(asked, most))
    start = time.thread_time()
    fates = mutant_answers(
        record.language,
        trial.focal,
        trial.suite,
        trial.names[0],
        trial.focal_path,
        trial.test_path,
        [m for _, m in asked],
        context=trial.context,
    )
    totals.mutant_seconds.append(time.thread_time() - start)
    kills = set(result.kills)
    for position, (index, mutant) in enumerate(asked):
        fate = fates[position]
        for word in ("killed", "survives"):
            right = (index in kills) == (word == "killed")
            totals.score("mutants " + word).add(fate == word, right)
            if fate == word and not right:
                edit = f"{mutant.original!r} -> {mutant.replacement!r}"
                totals.disagreements.append(f"{where}: mutant line {mutant.line} {edit} {word}: wrong")


def report(language: str, totals: Totals, show: int) -> None:
    """Prints the tables of one language."""
    click.echo(f"\n== {language}: {len(totals.seconds)} tests")
    for what, seconds in (("tests", totals.seconds), ("mutants", totals.mutant_seconds)):
        times = [1000 * s for s in sorted(seconds)]
        if times:
            middle, tail = times[len(times) // 2], times[int(len(times) * 0.95)]
            click.echo(f"   {what}: {middle:.1f} ms median, {tail:.1f} ms at 95%, {times[-1]:.0f} ms at most")
    for name, score in sorted(totals.scores.items()):
        click.echo(f"   {name:22} {score}")
    click.echo(
        "   reasons for unknown: "
        + ", ".join(f"{code} {count}" for code, count in totals.reasons.most_common(20))
    )
    for text in totals.disagreements[:show]:
        click.echo("   ! " + text)


@click.command()
@click.argument("records", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--samples", type=click.Path(exists=True, path_type=Path), help="The paper's samples (JSON lines)."
)
@click.option("--limit", default=20, show_default=True, help="Tests of one record.")
@click.option("--show", default=40, show_default=True, help="Disagreements listed.")
@click.option("--language", "only", default="", help="One language alone.")
@click.option("--mutants/--no-mutants", default=True, show_default=True, help="Ask about mutants too.")
@click.option("--most-mutants", default=48, show_default=True, help="Mutants asked about of one test.")
@click.option("--seed", default=0, show_default=True, help="Of the draw of tests.")
def command(
    records: tuple[Path, ...],
    samples: Path | None,
    limit: int,
    show: int,
    only: str,
    mutants: bool,
    most_mutants: int,
    seed: int,
) -> None:
    """The interpreter's claims against execution."""
    totals: dict[str, Totals] = {}
    rng = random.Random(seed)

    def trials() -> Iterator[Trial]:
        if samples is not None:
            yield from sample_trials(samples)
        for folder in records:
            for path in sorted(folder.rglob("*.json.gz")) if folder.is_dir() else [folder]:
                try:
                    record = read_record(path)
                except ValueError:
                    continue
                if not only or record.language == only:
                    yield from record_trials(record, limit, rng)

    for trial in trials():
        if not only or trial.language == only:
            judge(trial, totals.setdefault(trial.language, Totals()), most_mutants if mutants else 0)
    for language, one in totals.items():
        report(language, one, show)


if __name__ == "__main__":
    command()
