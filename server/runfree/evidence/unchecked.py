"""Tests that run code and check nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runfree.canonical import Case
from runfree.evidence.fact import fact
from runfree.evidence.suite_index import suite_index
from runfree.sample import Evidence
from runfree.syntax.tree import Function

# Names of helpers, elsewhere or of a library, that check something.
_CHECKS = re.compile(
    r"(?i)^_?(assert|verify|check|expect|should|require|must|ensure|fail|compare|validate)|assert"
)


def no_assertion(case: Case) -> Iterator[Evidence]:
    """Neither the candidate nor a helper it calls checks anything."""
    candidate = case.candidate
    if candidate.has_error or _checks(case, candidate):
        return
    yield fact(
        case, "no-assertion", "this test checks nothing: it fails only if the code raises", "unchecked"
    )


def _checks(case: Case, candidate: Function) -> bool:
    if any("expected" in text or "raises" in text for text in candidate.decorators):
        return True
    helpers = suite_index(case).helpers
    seen: set[str] = set()
    pending = [candidate]
    while pending:
        function = pending.pop()
        if function.assertions:
            return True
        for call in function.calls:
            if _CHECKS.search(call.name) or call.receiver in ("assert", "require", "is", "Expect"):
                return True
            for helper in helpers.get(call.name, ()):
                if helper.qualified_name not in seen:
                    seen.add(helper.qualified_name)
                    pending.append(helper)
    return False
