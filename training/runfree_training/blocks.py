"""Records become what is trained on: feature blocks a pair, and samples (a subset of the tests, one candidate) over them.

A block holds each test's features and labels once; a sample is only indices into its block. So a file of 12 tests gives
many samples at no further cost, and what is computed here is computed by the functions that the server calls.
"""

from __future__ import annotations

import hashlib
import pickle
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from runfree.canonical import Case, canonical, focal_file, suite_file
from runfree.errors import RunfreeError
from runfree.evidence import evidence, similarity
from runfree.model.alone import without_tests
from runfree.model.focal_index import Floats, FocalIndex, Ints, focal_index
from runfree.model.mutant_features import line_positions
from runfree.model.pass_features import pass_features
from runfree.model.questions import (
    Questions,
    ask,
    extra_features,
    line_grades,
    mutant_grades,
    mutant_groups,
)
from runfree.mutation import Mutant, list_mutants
from runfree.sample import Language, Sample
from runfree.syntax.tree import Function, SourceFile
from runfree_training.records import Record, TestResult

Bools = npt.NDArray[np.bool_]

HELD_OUT_SUBSETS = 3  # samples drawn for each existing test
CANDIDATE_SUBSETS = 2  # and for each other candidate
WITHOUT_CONTEXT = 0.4  # share of records read without their context: a caller may not have it
MAX_TESTS = 400  # tests and candidates of one record: more of one file teach little


@dataclass(frozen=True, slots=True, eq=False)
class TestBlock:
    """One executed test: features as `runfree.model.questions` gives them, labels from the record.

    `source` as in the record, or "suite": an existing test that is a candidate in another block of its pair.
    `covered` (n,) and `killed` (m,) are what it does alone; a killed mutant may have timed out under it.
    """

    __test__ = False

    name: str
    source: str
    kind: str
    base: str
    outcome: str
    passes: bool
    lines: Floats
    mutants: Floats
    line_grades: Floats
    mutant_grades: Floats
    extra: Floats
    covered: Bools
    killed: Bools
    kills_known: bool
    lines_known: bool


@dataclass(frozen=True, slots=True, eq=False)
class SampleBlock:
    """One sample: candidate and existing tests as indices into `Block.tests`, its pass features, its labels."""

    candidate: int
    existing: Ints
    source: str
    kind: str
    similarity: float
    pass_row: Floats
    passes: bool
    coverage_gain: bool | None
    mutation_gain: bool | None


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """One focal/test pair: n focal lines, m mutants. `line_valid` (n,): the coverage tool counts the line too."""

    repository: str
    language: Language
    focal_path: str
    test_path: str
    lines: Ints
    line_valid: Bools
    function_of: Ints
    is_raise: Floats
    mutant_positions: Ints
    mutant_groups: Ints
    mutant_valid: Bools
    tests: tuple[TestBlock, ...]
    samples: tuple[SampleBlock, ...]


def _seeded(record: Record) -> np.random.Generator:
    key = f"{record.repository}|{record.commit}|{record.focal_path}|{record.test_path}|{record.seed}"
    return np.random.default_rng(int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big"))


def _mutants(record: Record, focal: str) -> tuple[tuple[Mutant, ...], Bools]:
    """The record's mutants as listed now in the focal file's text, and which of them count (found again and not incompetent).

    Raises:
        ValueError: more than a tenth is not found again: the operators changed, label again.
    """
    listed = {(m.operator, m.line, m.ordinal): m for m in list_mutants(record.language, focal)}
    found: list[Mutant] = []
    valid: list[bool] = []
    missing = 0
    for result in record.mutants:
        mutant = listed.get((result.operator, result.line, result.ordinal))
        missing += mutant is None
        found.append(mutant or Mutant(result.operator, result.line, result.ordinal, 0, 0, "", "", ""))
        valid.append(mutant is not None and not result.incompetent)
    if missing > 0.1 * max(1, len(record.mutants)):
        raise ValueError(f"{missing} of {len(record.mutants)} mutants are not listed any more")
    return tuple(found), np.array(valid, dtype=np.bool_)


def _existing_subset(count: int, exclude: int, before: int, rng: np.random.Generator) -> Ints:
    """A subset of the tests 0..count-1 without `exclude`: half the time those above a place, else any; all sizes."""
    others = np.array([i for i in range(count) if i != exclude], dtype=np.int32)
    draw = rng.random()
    if draw < 0.2:
        return others
    if draw < 0.5:
        return others[others < before]
    sizes = [0, 1, 2, len(others) // 4, len(others) // 2]
    size = min(int(rng.choice(sizes)), len(others))
    return np.sort(rng.choice(others, size=size, replace=False)).astype(np.int32) if size else others[:0]


class _Headers:
    """The test file that a candidate is put into: without most other tests, so that reading it again is cheap.

    The first test of each owner stays, so that a class is never empty; a candidate that repeats the name of a test
    needs the whole file.
    """

    def __init__(self, record: Record, suite: SourceFile) -> None:
        self._record, self._suite = record, suite
        self._names = {t.name for t in suite.tests}
        first: dict[str, str] = {}
        for test in suite.tests:
            first.setdefault(test.owner, test.qualified_name)
        self._keep = frozenset(first.values())

    def of(self, result: TestResult) -> str:
        """The header for one candidate."""
        if result.removes:
            return self._record.test_text.replace(result.removes, "", 1)
        if result.name.split("::")[-1].split(".")[-1] in self._names:
            return self._record.test_text
        return without_tests(self._suite, self._keep, result.text)


def build_block(record: Record) -> Block:
    """Features and labels of one record.

    Raises:
        ValueError: the record does not fit the code any more (label it again), or holds no test that can be found.
    """
    rng = _seeded(record)
    if rng.random() < WITHOUT_CONTEXT:
        record = replace(record, context=())
    focal = focal_file(record.language, record.focal_text)
    index = focal_index(focal)
    mutants, mutant_valid = _mutants(record, focal.text)
    suite = suite_file(record.language, record.test_text)
    functions = {f.qualified_name: f for f in suite.tests}
    executable = set(record.focal_lines)

    results = [t for t in record.tests if t.outcome not in ("flaky", "not-run")]
    existing_results = [t for t in results if t.source == "existing" and t.name in functions][:MAX_TESTS]
    others = [t for t in results if t.source != "existing"]
    if len(others) > MAX_TESTS:
        others = [others[i] for i in sorted(rng.choice(len(others), MAX_TESTS, replace=False))]
    if not existing_results and not others:
        raise ValueError("no test of the record is found in its test file")

    tests: list[TestBlock] = []
    samples: list[SampleBlock] = []
    existing_results.sort(key=lambda t: functions[t.name].span.start_line)
    held = [functions[t.name] for t in existing_results]
    asked: list[Questions] = []
    for result, function in zip(existing_results, held, strict=True):
        questions = ask(index, suite, function, mutants, record.focal_path, record.test_path, record.context)
        asked.append(questions)
        block = _test_block(result, questions, index, len(mutants))
        tests.append(replace(block, source="suite") if record.written else block)
    usable = [i for i, t in enumerate(tests) if t.passes]

    def add(
        at: int,
        case: Case,
        questions: Questions,
        candidates: list[Function],
        place: int,
        times: int,
        exclude: int,
    ) -> None:
        for _ in range(times):
            subset = np.array(
                [i for i in _existing_subset(len(held), exclude, place, rng) if i in set(usable)],
                dtype=np.int32,
            )
            chosen = tuple(candidates[i] for i in subset if candidates[i] is not None)
            samples.append(
                _sample(at, replace(case, existing=chosen), questions, index, tests, subset, mutant_valid)
            )

    for at, (function, questions) in enumerate(zip(held, asked, strict=True) if not record.written else ()):
        case = Case(
            record.language,
            record.focal_path,
            record.test_path,
            focal,
            suite,
            function,
            (),
            0,
            record.context,
        )
        add(at, case, questions, held, at, HELD_OUT_SUBSETS, at)

    position = {t.name: i for i, t in enumerate(existing_results)}
    headers = _Headers(record, suite)
    for result in others:
        base = position.get(result.base or result.name, -1)
        header = headers.of(result)
        sample = Sample(
            record.language,
            record.focal_text,
            header,
            result.text,
            result.name,
            record.focal_path,
            record.test_path,
            record.context,
        )
        try:
            case = canonical(sample)
        except RunfreeError:
            continue
        questions = ask(
            index, case.suite, case.candidate, mutants, record.focal_path, record.test_path, record.context
        )
        tests.append(_test_block(result, questions, index, len(mutants)))
        same = {f.qualified_name: f for f in case.suite.tests}
        candidates = [same.get(f.qualified_name, f) for f in held]
        place = base if base >= 0 else len(held)
        duplicate = result.kind in ("duplicate", "near-duplicate", "duplicated-name")
        add(
            len(tests) - 1,
            case,
            questions,
            candidates,
            place + duplicate,
            CANDIDATE_SUBSETS,
            -1 if duplicate else base,
        )

    return Block(
        repository=record.repository,
        language=record.language,
        focal_path=record.focal_path,
        test_path=record.test_path,
        lines=index.lines,
        line_valid=np.array([int(line) in executable for line in index.lines], dtype=np.bool_),
        function_of=index.function_of,
        is_raise=index.is_raise,
        mutant_positions=line_positions(index, mutants),
        mutant_groups=mutant_groups(index, mutants),
        mutant_valid=mutant_valid,
        tests=tuple(tests),
        samples=tuple(samples),
    )


def _test_block(result: TestResult, questions: Questions, index: FocalIndex, mutants: int) -> TestBlock:
    covered = set(result.lines)
    killed = np.zeros(mutants, dtype=np.bool_)
    killed[[k for k in (*result.kills, *result.timeouts) if k < mutants]] = True
    return TestBlock(
        name=result.name,
        source=result.source,
        kind=result.kind,
        base=result.base,
        outcome=result.outcome,
        passes=result.outcome == "passed" and not result.breaks,
        lines=questions.lines,
        mutants=questions.mutants,
        line_grades=line_grades(questions, index),
        mutant_grades=mutant_grades(questions, mutants),
        extra=extra_features(questions, index),
        covered=np.array([int(line) in covered for line in index.lines], dtype=np.bool_),
        killed=killed,
        kills_known=result.kills_known,
        lines_known=result.lines_known,
    )


def _sample(
    at: int,
    case: Case,
    questions: Questions,
    index: FocalIndex,
    tests: Sequence[TestBlock],
    subset: Ints,
    mutant_valid: Bools,
) -> SampleBlock:
    candidate = tests[at]
    likeness = max((similarity(case.candidate, test) for test in case.existing), default=0.0)
    row = pass_features(
        case, questions.view, index, questions.reached, questions.reading, evidence(case), likeness
    )
    covered = np.zeros_like(candidate.covered)
    killed = np.zeros_like(candidate.killed)
    for i in subset:
        covered |= tests[i].covered
        killed |= tests[i].killed
    new_mutant = bool((candidate.killed & ~killed & mutant_valid).any())
    return SampleBlock(
        candidate=at,
        existing=subset,
        source="held-out" if candidate.source == "existing" else candidate.source,
        kind=candidate.kind,
        similarity=likeness,
        pass_row=row,
        passes=candidate.passes,
        coverage_gain=(candidate.passes and bool((candidate.covered & ~covered).any()))
        if candidate.lines_known
        else None,
        mutation_gain=(candidate.passes and new_mutant) if candidate.kills_known else None,
    )


def write_block(block: Block, path: Path) -> None:
    """Writes a block where only training reads it (a local working file, never shipped nor taken from others)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(pickle.dumps(block, protocol=5))
    temporary.replace(path)


def read_blocks(folder: Path) -> Iterator[Block]:
    """All blocks of a folder, in order of path."""
    for path in sorted(folder.rglob("*.block")):
        block: Block = pickle.loads(path.read_bytes())
        yield block


def counts(blocks: Sequence[Block]) -> Counter[tuple[str, str, str]]:
    """(language, source, passes / fails) -> number of candidates, each counted once."""
    found: Counter[tuple[str, str, str]] = Counter()
    for block in blocks:
        for test in block.tests:
            if test.source == "suite":
                continue
            found[block.language, test.source, "passes" if test.passes else "fails"] += 1
    return found
