"""From a prediction to diagnostics: which codes fire, where they point and what they say."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

from runfree.config import Code, Severities
from runfree.render.sentences import percent, sentence, strongest
from runfree.render.thresholds import Thresholds
from runfree.report import Diagnostic, Related
from runfree.sample import Evidence, Language, Prediction
from runfree.syntax.tree import Function, SourceFile, Span

TITLES: dict[Code, str] = {
    "RF001": "Test likely fails",
    "RF002": "Test is likely redundant",
    "RF003": "Test runs new code but checks little of it",
    "RF010": "Focal file not found",
}
DESCRIPTIONS: dict[Code, str] = {
    "RF001": "The test is predicted not to pass: it does not compile, raises, or an assertion does not hold.",
    "RF002": "The test is predicted to add nothing to the other tests of its file: no line, no mutant.",
    "RF003": "The test is predicted to cover new lines but kill no new mutants: it checks little.",
    "RF010": "The source file that this test file exercises was not found, so its tests cannot be scored.",
}


def documentation_url(code: str) -> str:
    """The page that explains a code: a file that comes with the program, so that it opens without a network."""
    return (pages() / f"{code}.md").as_uri()


def pages() -> Path:
    """The folder of the codes' pages: inside the installed package, or in the repository it was built from."""
    packaged = Path(__file__).resolve().parents[1] / "_codes"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[3] / "docs" / "codes"


def firing(prediction: Prediction, thresholds: Thresholds, language: Language) -> Code | None:
    """The one code that fires for a prediction, or None.

    A likely failing test has no gains to speak of, so RF002 and RF003 only speak of tests that likely pass:
    both gains low is RF002, as is a test that keeps another one from running; new coverage without new mutants RF003.
    """
    if prediction.passes < thresholds.of("RF001", language):
        return "RF001"
    if prediction.passes < 0.5:
        return None
    if max(prediction.coverage_gain, prediction.mutation_gain) < thresholds.of("RF002", language):
        return "RF002"
    if any(_hides(item) for item in prediction.evidence):
        return "RF002"
    if prediction.coverage_gain >= 0.5 and prediction.mutation_gain < thresholds.of("RF003", language):
        return "RF003"
    return None


def diagnose(
    test: Function,
    prediction: Prediction,
    suite: SourceFile,
    language: Language,
    thresholds: Thresholds,
    severities: Severities,
    suppressed: Set[str] = frozenset(),
) -> tuple[Diagnostic, ...]:
    """The diagnostics of one scored test; `suite` is its file as the developer sees it."""
    code = firing(prediction, thresholds, language)
    if code is None or getattr(severities, code) == "off" or code in suppressed or "*" in suppressed:
        return ()
    similar = suite.function(prediction.similar_test) if prediction.similar_test else None
    coverage, mutation = percent(prediction.coverage_gain), percent(prediction.mutation_gain)
    gains = f"new coverage {coverage}, new mutants killed {mutation}"
    if code == "RF001":
        reason = strongest(prediction, "fails")
        head = f"likely fails: predicted to pass {percent(prediction.passes)}"
    elif code == "RF002":
        reason = strongest(prediction, "redundant", "unchecked")
        hides = reason is not None and _hides(reason)
        head = "replaces another test" if hides else f"likely redundant in this test file: {gains}"
    else:
        reason = strongest(prediction, "unchecked", "redundant")
        head = f"runs new code but checks little of it: {gains}"
    if prediction.unsure:
        head += " (unsure)"
    message = f"{head}. {sentence(reason.message)}" if reason else f"{head}."
    span = test.name_span
    if reason and code != "RF002":  # what is redundant is the test, not a place in it
        alike = (item for item in prediction.evidence if item.weight == reason.weight)
        span = next((place for item in alike if (place := _span_of(item, test, suite))), span)
    related = [_related(e) for e in prediction.evidence if e.line and e.where != "candidate" and e.path][:3]
    if similar and similar is not test and code == "RF002":
        place = similar.name_span
        related.insert(
            0,
            Related(
                f"the most similar test: {similar.qualified_name}",
                "",
                place.start_line,
                place.start_column,
                place.end_column,
            ),
        )
    return (
        Diagnostic(
            code,
            getattr(severities, code),
            message,
            span,
            test.qualified_name,
            tuple(related),
            ("unnecessary",) if code == "RF002" else (),
        ),
    )


def focal_not_found(
    test: Function, reason: str, severities: Severities, suppressed: Set[str] = frozenset()
) -> tuple[Diagnostic, ...]:
    """RF010, pointed at the first test of the file (once a file is enough)."""
    if severities.RF010 == "off" or "RF010" in suppressed or "*" in suppressed:
        return ()
    message = f"focal file not found, so the tests of this file are not scored. {sentence(reason)}"
    return (Diagnostic("RF010", severities.RF010, message, test.name_span, test.qualified_name),)


def _hides(evidence: Evidence) -> bool:
    """Whether the test takes the place of another one of its name, which then never runs."""
    return evidence.code == "duplicate-name" and evidence.weight == "redundant"


def _related(evidence: Evidence) -> Related:
    return Related(evidence.message, evidence.path, evidence.line, evidence.column, evidence.end_column)


def _span_of(evidence: Evidence, test: Function, suite: SourceFile) -> Span | None:
    """The evidence's place, where it lies inside the test; None where it has none there."""
    if evidence.where != "candidate" or evidence.line not in test.span:
        return None
    lines = suite.text.split("\n")
    if evidence.line > len(lines):
        return None
    text = lines[evidence.line - 1].rstrip("\r")
    width = len(text.encode("utf-8", "replace"))
    if evidence.end_column > evidence.column and evidence.end_column <= width:
        return Span(evidence.line, evidence.column, evidence.line, evidence.end_column)
    indent = len(text) - len(text.lstrip())  # whole line: its text, without the indent
    return Span(evidence.line, indent, evidence.line, max(width, indent + 1))
