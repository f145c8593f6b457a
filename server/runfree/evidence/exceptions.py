"""Tests that expect an error which the focal code, as far as the test reaches it, never raises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runfree.canonical import Case
from runfree.evidence.fact import fact
from runfree.evidence.reach import reached_functions
from runfree.sample import Evidence
from runfree.syntax.tree import Assertion, Function

# Raised by the language itself, at places that no `raise` shows.
_IMPLICIT: Final = frozenset(
    {
        *(
            "TypeError",
            "AttributeError",
            "IndexError",
            "KeyError",
            "LookupError",
            "ZeroDivisionError",
            "NameError",
        ),
        *(
            "OverflowError",
            "ArithmeticError",
            "RecursionError",
            "AssertionError",
            "StopIteration",
            "Exception",
        ),
        *("BaseException", "UnboundLocalError", "UnicodeError", "UnicodeDecodeError", "UnicodeEncodeError"),
        *(
            "MemoryError",
            "ImportError",
            "ModuleNotFoundError",
            "StopAsyncIteration",
            "GeneratorExit",
            "Throwable",
        ),
        *("NullPointerException", "ArithmeticException", "IndexOutOfBoundsException", "ClassCastException"),
        *("ArrayIndexOutOfBoundsException", "StringIndexOutOfBoundsException", "NegativeArraySizeException"),
        *("StackOverflowError", "OutOfMemoryError", "RuntimeException", "Error", "NumberFormatException"),
        *("ArrayStoreException", "ConcurrentModificationException", "UnsupportedOperationException"),
    }
)
# Builtins that raise nothing but the implicit errors when given what tests give them.
_HARMLESS: Final = frozenset(
    {
        *(
            "len",
            "str",
            "repr",
            "isinstance",
            "issubclass",
            "print",
            "sorted",
            "list",
            "dict",
            "set",
            "tuple",
        ),
        *("enumerate", "zip", "reversed", "abs", "any", "all", "bool", "type", "super", "hasattr", "format"),
        *("append", "extend", "items", "keys", "values", "get", "lower", "upper", "strip", "startswith"),
        *("endswith", "replace", "copy", "add", "sum", "filter", "map", "frozenset", "id", "iter"),
        *("equals", "length", "size", "isEmpty", "contains", "toString", "println", "put", "hashCode"),
    }
)


def errors_never_raised(case: Case) -> Iterator[Evidence]:
    """Expected errors that nothing within reach of the candidate raises, and messages that none of them has."""
    if case.language == "go" or case.candidate.has_error:
        return
    for assertion in case.candidate.assertions:
        if assertion.kind != "raises":
            continue
        names = [name for name in re.findall(r"[A-Za-z_]\w*", assertion.expected) if name != "class"]
        name = names[-1] if len(names) == 1 or "." in assertion.expected else ""
        if not name or "(" in assertion.expected:
            continue
        yield from _judge(case, assertion, name)


def _judge(case: Case, assertion: Assertion, name: str) -> Iterator[Evidence]:
    reached = reached_functions(case, [case.candidate])
    raised = [r for f in case.focal.functions for r in f.raises if _last(r.type) == name]
    if not raised and name not in _IMPLICIT and reached and _is_closed(case, reached, name):
        message = f"expects `{name}`, which nothing it reaches in the focal file raises"
        yield fact(case, "error-never-raised", message, "fails", assertion.span)
        return
    messages = [r.message for f in reached for r in f.raises if _last(r.type) == name]
    if case.language != "python" or not assertion.message or not messages or not all(messages):
        return
    if any(_matches(assertion.message, message) for message in messages) or not _is_closed(
        case, reached, name
    ):
        return
    message = f"expects `{name}` with a message that none of those in the focal file matches"
    yield fact(case, "message-never-used", message, "fails", assertion.span)


def _is_closed(case: Case, reached: list[Function], name: str) -> bool:
    """Whether the error could come from nowhere else: no reached function calls what the focal file does not show."""
    own = {f.name for f in case.focal.functions} | {c.name for c in case.focal.classes}
    bases = {_last(base) for cls in case.focal.classes for base in cls.bases}
    children = {c.name for c in case.focal.classes if name in {_last(base) for base in c.bases}}
    if children or name in bases:
        return False
    if re.search(r"(?m)^\s*raise\s*$|\braise \w+\s*$|\bthrow \w+;", case.focal.text):
        return False  # raises again what it caught or was given
    for function in reached:
        if function.decorators and case.language == "python":
            return False
        for call in function.calls:
            if (
                call.name not in own
                and call.name not in _HARMLESS
                and not call.name.endswith(("Error", "Exception"))
            ):
                return False
    return True


def _matches(pattern: str, message: str) -> bool:
    if len(pattern) > 200 or re.search(r"[+*]\)?[+*{]", pattern):
        return True  # not worth the risk of a slow match
    try:
        return re.search(pattern, message) is not None
    except re.error:
        return True


def _last(name: str) -> str:
    return name.split("(")[0].split(".")[-1].strip()
