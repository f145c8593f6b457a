"""What goes in (a `Sample`: plain text) and what comes out (a `Prediction`: calibrated probabilities)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

Language = Literal["python", "java", "go"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Sample:
    """One candidate to be scored: text only, nothing of it is ever executed.

    Attributes:
        language: "python", "java" or "go".
        focal: text of the focal file.
        existing: text of the test file without the candidate (imports, fixtures and helpers included); may be empty.
        candidate: the bare test function, or a file text that holds it with what it brings along.
        test_name: which test of `candidate` is meant (`test_x`, `Class::test_x`, `Inner.method`, `TestX`);
            empty means its only (or last) test.
        focal_path, test_path: paths relative to the project, used to resolve imports by name; may be empty.
        context: other files that matter, as (path, text): conftest, superclass, sibling files.
    """

    language: Language
    focal: str
    existing: str
    candidate: str
    test_name: str = ""
    focal_path: str = ""
    test_path: str = ""
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class NewLine:
    """A focal line (1-based) expected to be newly covered, with its probability in [0, 1]."""

    line: int
    probability: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """A named fact found by reading the code, with its place.

    Attributes:
        code: stable kebab-case name of the rule, e.g. "undefined-name".
        message: a plain sentence for the developer.
        path: file it is found in ("" where the sample carries no path).
        line: 1-based line in that file; 0 where the fact has no place.
            For facts about the candidate: a line of the text the candidate was given in.
        column, end_column: 0-based UTF-8 byte columns on that line; 0, 0 where the whole line is meant.
        weight: which way it speaks: "fails" (against passing), "redundant" (against the gains),
            "unchecked" (runs code without checking it), "new" (for the gains), "info".
        where: "candidate", "existing" or "focal": which text `line` counts in.
    """

    code: str
    message: str
    path: str = ""
    line: int = 0
    column: int = 0
    end_column: int = 0
    weight: Literal["fails", "redundant", "unchecked", "new", "info"] = "info"
    where: Literal["candidate", "existing", "focal"] = "candidate"


@dataclass(frozen=True, slots=True)
class Prediction:
    """The three signals as calibrated probabilities in [0, 1]; each gain is at most `passes`.

    Attributes:
        passes: the candidate compiles and passes, and breaks no existing test that passed.
        coverage_gain: a line of the focal file is covered that this test file's existing tests do not cover.
        mutation_gain: a mutant of the focal file is killed that the existing tests do not kill.
        new_lines: focal lines expected to be newly covered, in order of line.
        evidence: the facts behind it, strongest first.
        unsure: the model is outside what it was calibrated on, or its signals are near their thresholds.
        calibrated: False where the model had no records of this language.
        similar_test: name of the nearest existing test, or "".
    """

    passes: float
    coverage_gain: float
    mutation_gain: float
    new_lines: tuple[NewLine, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    unsure: bool = False
    calibrated: bool = True
    similar_test: str = ""
    notes: tuple[str, ...] = field(default=())
