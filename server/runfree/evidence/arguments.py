"""Calls of focal functions and constructors that no signature of theirs takes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runfree.canonical import Case
from runfree.evidence.fact import fact
from runfree.evidence.members import is_generated
from runfree.evidence.targets import Target, Targets, targets_of
from runfree.sample import Evidence
from runfree.syntax.tree import Call, Function, Parameter

# Decorators that leave the signature as it is written.
_PLAIN = frozenset(
    {"staticmethod", "classmethod", "abstractmethod", "lru_cache", "cache", "override", "final"}
)


def wrong_arguments(case: Case) -> Iterator[Evidence]:
    """Too many or too few arguments, or keywords that the focal function does not have."""
    if case.candidate.has_error:
        return
    targets = targets_of(case)
    if _expects_type_errors(case):
        return
    caught = [branch.body for branch in case.candidate.branches if branch.kind == "try"]
    for call, target in targets.resolved():
        if case.language == "python" and any(call.span.start_line in body for body in caught):
            continue
        if case.language == "python":
            yield from _python(case, call, target)
        else:
            yield from _counted(case, call, target, targets)


def _expects_type_errors(case: Case) -> bool:
    """Whether a Python test waits for a call to be refused; elsewhere a wrong count does not even compile."""
    return case.language == "python" and any(
        assertion.kind == "raises"
        and re.search(r"\b(TypeError|Exception|BaseException)\b", assertion.expected)
        for assertion in case.candidate.assertions
    )


def _python(case: Case, call: Call, target: Target) -> Iterator[Evidence]:
    if not target.functions:
        if target.made is not None and _takes_nothing(target, call):
            message = f"`{call.name}` takes no arguments, {_count(call)} given"
            yield fact(case, "argument-count", message, "fails", call.span)
        return
    function = target.functions[-1]
    if len(target.functions) > 1 or any(_last(d) not in _PLAIN for d in function.decorators):
        return
    if target.made is not None and _is_made_otherwise(target):
        return
    parameters = list(function.parameters)
    if target.bound and parameters:
        if parameters[0].kind != "positional":
            return
        parameters.pop(0)
    names = {p.name for p in parameters if p.kind in ("positional", "keyword")}
    if not any(p.kind == "keywords" for p in parameters):
        unknown = [k for k in call.keywords if k and k not in names]
        if unknown:
            message = f"`{target.through}` has no parameter `{unknown[0]}`"
            yield fact(case, "unknown-keyword", message, "fails", call.span)
            return
    if call.spread:
        return
    positional = [p for p in parameters if p.kind == "positional"]
    if call.positional > len(positional) and not any(p.kind == "rest" for p in parameters):
        message = f"`{target.through}` takes at most {_n(len(positional))}, {call.positional} given"
        yield fact(case, "argument-count", message, "fails", call.span)
        return
    given = {p.name for p in positional[: call.positional]} | set(call.keywords)
    missing = [p.name for p in parameters if _is_required(p) and p.name not in given]
    if missing:
        message = f"`{target.through}` is called without its argument `{missing[0]}`"
        yield fact(case, "argument-count", message, "fails", call.span)


def _is_required(parameter: Parameter) -> bool:
    return parameter.kind in ("positional", "keyword") and not parameter.optional


def _takes_nothing(target: Target, call: Call) -> bool:
    """Whether a Python class without a constructor of its own is given arguments."""
    made = target.made
    if made is None or made.decorators or made.open_members or made.bases not in ((), ("object",)):
        return False
    if _is_made_otherwise(target):
        return False
    return not call.spread and bool(call.positional or call.keywords)


def _is_made_otherwise(target: Target) -> bool:
    """Whether something but `__init__` may take a class's arguments: a metaclass, `__new__`, a class decorator."""
    made = target.made
    return made is not None and (
        any(_last(d) not in ("dataclass", "final", "total_ordering") for d in made.decorators)
        or any(m.endswith("::__new__") for m in made.methods)
        or any(_last(base) in ("Enum", "type", "NamedTuple", "TypedDict") for base in made.bases)
    )


def _counted(case: Case, call: Call, target: Target, targets: Targets) -> Iterator[Evidence]:
    """Java and Go: no overload takes that many arguments."""
    if call.spread or (call.positional == 1 and case.language == "go" and "(" in call.arguments[0]):
        return  # Go: `f(g())` passes all that g returns
    functions = target.functions
    if target.made is not None:
        made = target.made
        if (
            made.kind != "class"
            or is_generated(case)
            or any("." not in d and _generates(d) for d in made.decorators)
        ):
            return
        counts_fit = any(_fits(f, call) for f in functions) or (not functions and not call.positional)
    else:
        owner = targets.index.classes.get(functions[0].owner.split(".")[-1]) if functions[0].owner else None
        if owner is not None and (owner.bases or owner.open_members) and case.language == "java":
            return  # an overload may be inherited
        counts_fit = any(_fits(f, call) for f in functions)
    if not counts_fit:
        message = f"no `{target.through}` takes {_n(call.positional)}"
        yield fact(case, "argument-count", message, "fails", call.span)


def _fits(function: Function, call: Call) -> bool:
    rest = any(p.kind == "rest" for p in function.parameters)
    fixed = sum(p.kind != "rest" for p in function.parameters)
    return call.positional >= fixed if rest else call.positional == fixed


def _generates(annotation: str) -> bool:
    """Whether a Java annotation makes constructors (Lombok and its like)."""
    return bool(re.match(r"(Data|Value|Builder|SuperBuilder|\w*ArgsConstructor|AutoValue)\b", annotation))


def _last(expression: str) -> str:
    return re.split(r"[(\[]", expression)[0].split(".")[-1].strip()


def _count(call: Call) -> str:
    return str(call.positional + len(call.keywords))


def _n(count: int) -> str:
    return "1 argument" if count == 1 else f"{count} arguments"
