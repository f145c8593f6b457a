"""Inlay hints in the focal file: which lines the new tests of an open test file are expected to cover."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lsprotocol import types

from runfree.lsp.outcome import Outcome
from runfree.positions import Encoding, units_of
from runfree.render.hover import LINE_CUT
from runfree.render.sentences import percent


def hints(
    outcomes: Iterable[Outcome], lines: Sequence[str], wanted: types.Range, encoding: Encoding
) -> list[types.InlayHint]:
    """One hint at the end of each focal line that a test is expected to newly cover.

    Args:
        outcomes: those of the open test files that exercise this file.
        lines: the focal file's text. wanted: the stretch that the editor shows.
    """
    best: dict[int, tuple[float, list[str]]] = {}
    for outcome in outcomes:
        if not outcome.settings.inlay_hints.new_lines:
            continue
        for test in outcome.report.tests:
            for new in test.prediction.new_lines if test.prediction else ():
                if new.probability < LINE_CUT:
                    continue
                probability, names = best.get(new.line, (0.0, []))
                best[new.line] = (max(probability, new.probability), [*names, test.name])
    result = []
    for line, (probability, names) in sorted(best.items()):
        if not wanted.start.line < line <= wanted.end.line + 1 or line > len(lines):
            continue
        end = units_of(lines[line - 1].rstrip("\r\n"), encoding)
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        result.append(
            types.InlayHint(
                types.Position(line - 1, end),
                f"newly covered {percent(probability)}",
                padding_left=True,
                tooltip=f"Predicted: newly covered by {shown}. Nothing was run.",
            )
        )
    return result
