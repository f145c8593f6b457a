"""The one entrance to the model: samples, or whole test files, become predictions."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from runfree.canonical import Case, canonical, file_cases
from runfree.errors import RunfreeError
from runfree.evidence import evidence as find_evidence
from runfree.evidence import similarity
from runfree.model.certainty import settled
from runfree.model.focal_index import Floats, FocalIndex, focal_index
from runfree.model.forest import Forest, ModelConfig, read_config
from runfree.model.location import model_folder
from runfree.model.pass_features import pass_features, with_line_answers
from runfree.model.questions import (
    HEAD_FEATURES,
    Answers,
    Questions,
    answer,
    ask,
    extra_features,
    gain_row,
    mutant_groups,
)
from runfree.model.relevance import needs_reach, reached_by_suite, relevant_mutants, relevant_tests
from runfree.model.test_view import suite_header
from runfree.mutation import Mutant, list_mutants
from runfree.sample import Evidence, Language, NewLine, Prediction, Sample
from runfree.syntax.tree import Function

MAX_EXISTING = 200  # existing tests looked at for one candidate, those that share most with it first
CACHED_BYTES = (
    96_000_000  # answered tests kept in memory: by size, since a long focal file makes each one large
)
NEW_LINE_LEAST = 0.25  # focal lines less likely than this are not named


class Scorer:
    """Scores candidates with a loaded model. `Sample -> Prediction` is pure: same text, same answer.

    Calls are serialised by a lock, so that one scorer may be shared; for latency, give it one worker thread of its own.
    """

    def __init__(self, config: ModelConfig, forest: Forest) -> None:
        self._config = config
        self._forest = forest
        self._answers: OrderedDict[tuple[object, ...], tuple[Questions, Answers]] = OrderedDict()
        self._answers_bytes = 0
        self._mutants: OrderedDict[tuple[object, ...], tuple[Mutant, ...]] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def load(cls, folder: Path | None = None, threads: int = 2) -> Scorer:
        """Loads the model from `folder` (default: the one shipped with the package), checked against its hash.

        Raises:
            RunfreeError: the model is missing, altered or of another schema; the message says what to do.
        """
        folder = folder or model_folder()
        config = read_config(folder)
        if dict(config.features) != HEAD_FEATURES:
            raise RunfreeError(
                f"model: {folder} was made for other features than this version of runfree reads; reinstall"
            )
        return cls(config, Forest(folder, config, threads))

    @property
    def model_id(self) -> str:
        """Name, version and hash prefix of the model, e.g. "rmrf 0.1.0 (3f2a9c1d)"; part of every cache key."""
        return f"{self._config.name} {self._config.version} ({self._config.sha256[:8]})"

    @property
    def thresholds(self) -> Mapping[str, Mapping[str, float]]:
        """Diagnostic code -> language -> probability at which it is shown, set on the validation split."""
        return self._config.thresholds

    @property
    def calibrated(self) -> tuple[str, ...]:
        """Languages that the model has execution records of."""
        return self._config.calibrated

    def score(self, sample: Sample) -> Prediction:
        """Scores one sample.

        Raises:
            RunfreeError: the candidate holds no test, or not the test asked for.
        """
        return self.score_cases([canonical(sample)])[0]

    def score_file(
        self,
        language: Language,
        focal: str,
        test_text: str,
        names: Iterable[str],
        *,
        everything: bool = False,
        focal_path: str = "",
        test_path: str = "",
        context: tuple[tuple[str, str], ...] = (),
    ) -> dict[str, Prediction]:
        """Scores the named tests of one test file, in order of place.

        Existing tests of each: the tests that are not in `names`, and those of `names` above it, so that the first
        to reach a line gets the credit; with `everything`, all the others. Unknown names are left out.
        """
        cases = file_cases(
            language,
            focal,
            test_text,
            list(names),
            everything=everything,
            focal_path=focal_path,
            test_path=test_path,
            context=context,
        )
        predictions = self.score_cases(cases)
        return {case.candidate.qualified_name: p for case, p in zip(cases, predictions, strict=True)}

    def score_cases(self, cases: Sequence[Case]) -> list[Prediction]:
        """Scores canonical cases; the cases of one file share their parsed files, so shared work is done once."""
        with self._lock:
            return [self._score(case) for case in cases]

    def _asked(self, case: Case) -> tuple[tuple[Mutant, ...], tuple[object, ...]]:
        """The mutants asked about, and all that a test's answers depend on beside the test itself."""
        key: tuple[object, ...] = (case.language, case.focal.text)
        if key not in self._mutants:
            self._mutants[key] = list_mutants(case.language, case.focal.text)
        reached: frozenset[str] = frozenset()
        if needs_reach(self._mutants[key]):
            reached = reached_by_suite(case)
        chosen = (*key, reached)
        if chosen not in self._mutants:
            self._mutants[chosen] = relevant_mutants(self._mutants[key], reached)
            while len(self._mutants) > 64:
                self._mutants.popitem(last=False)
        around = (*chosen, suite_header(case.suite).key, case.focal_path, case.test_path, case.context)
        return self._mutants[chosen], around

    def _answered(
        self,
        index: FocalIndex,
        case: Case,
        test: Function,
        mutants: tuple[Mutant, ...],
        around: tuple[object, ...],
    ) -> tuple[Questions, Answers]:
        key = (around, test.qualified_name, test.text)
        found = self._answers.get(key)
        if found is None:
            questions = ask(index, case.suite, test, mutants, case.focal_path, case.test_path, case.context)
            found = (questions, answer(questions, index, mutants, self._forest))
            self._answers[key] = found
            self._answers_bytes += _bytes(found)
            while self._answers_bytes > CACHED_BYTES and len(self._answers) > 1:
                self._answers_bytes -= _bytes(self._answers.popitem(last=False)[1])
        else:
            self._answers.move_to_end(key)
        return found

    def _score(self, case: Case) -> Prediction:
        index = focal_index(case.focal)
        mutants, around = self._asked(case)
        tests = relevant_tests(case, MAX_EXISTING)
        questions, candidate = self._answered(index, case, case.candidate, mutants, around)
        existing = [self._answered(index, case, test, mutants, around)[1] for test in tests]
        evidence = find_evidence(case)
        nearest, likeness = _most_similar(case, tests)
        row = pass_features(
            case, questions.view, index, questions.reached, questions.reading, evidence, likeness
        )
        row = with_line_answers(row, index.is_raise, candidate.lines)
        passes = self._calibrated("passes", case.language, float(self._forest.scores("passes", row[None])[0]))
        passes = settled(passes, row, case.language, self._config.reliability)
        groups = mutant_groups(index, mutants)
        extra = extra_features(questions, index)
        gains = gain_row(candidate, existing, index.function_of, groups, extra, likeness)[None]
        coverage = self._calibrated(
            "coverage", case.language, float(self._forest.scores("coverage", gains)[0])
        )
        mutation = self._calibrated(
            "mutation", case.language, float(self._forest.scores("mutation", gains)[0])
        )
        joint_coverage, joint_mutation = passes * coverage, passes * mutation
        return Prediction(
            passes=round(passes, 4),
            coverage_gain=round(joint_coverage, 4),
            mutation_gain=round(joint_mutation, 4),
            new_lines=_new_lines(index, candidate, existing, passes),
            evidence=_with_reading(evidence, questions, case),
            unsure=self._unsure(case.language, passes, joint_coverage, joint_mutation),
            calibrated=case.language in self._config.calibrated,
            similar_test=nearest,
        )

    def _calibrated(self, signal: str, language: Language, score: float) -> float:
        by_language = self._config.calibration[signal]
        calibration = by_language.get(language) or by_language["python"]
        return calibration(score)

    def _unsure(self, language: Language, passes: float, coverage: float, mutation: float) -> bool:
        """Near even odds on a signal, or a language without records."""
        widths = self._config.unsure
        values = {"passes": passes, "coverage": coverage, "mutation": mutation}
        return language not in self._config.calibrated or any(
            abs(value - 0.5) < widths.get(signal, 0.0) for signal, value in values.items()
        )


def _bytes(answered: tuple[Questions, Answers]) -> int:
    """About what one answered test takes: its arrays, and 60 kB for its parsed text and reading (measured)."""
    questions, answers = answered
    arrays = (questions.lines, questions.mutants, answers.lines, answers.mutants)
    return sum(array.nbytes for array in arrays) + 60_000


def _most_similar(case: Case, tests: Sequence[Function]) -> tuple[str, float]:
    best, name = 0.0, ""
    for test in tests:
        likeness = similarity(case.candidate, test)
        if likeness > best:
            best, name = likeness, test.qualified_name
    return name, best


def _new_lines(
    index: FocalIndex, candidate: Answers, existing: Sequence[Answers], passes: float
) -> tuple[NewLine, ...]:
    covered: Floats = candidate.lines
    if existing:
        covered = covered * (1 - np.stack([e.lines for e in existing]).max(axis=0))
    covered = covered * passes
    return tuple(
        NewLine(int(line), round(float(p), 3))
        for line, p in zip(index.lines, covered, strict=True)
        if p >= NEW_LINE_LEAST
    )


def _with_reading(evidence: tuple[Evidence, ...], questions: Questions, case: Case) -> tuple[Evidence, ...]:
    reading = questions.reading
    if reading.outcome != -1 or not reading.sentence:
        return evidence
    line = reading.sentence_line + case.candidate_offset if reading.sentence_line else 0
    if not line and any(e.weight == "fails" for e in evidence):
        return evidence  # a finding that names its place says it better
    return (Evidence("computed-failure", reading.sentence, case.test_path, line, weight="fails"), *evidence)
