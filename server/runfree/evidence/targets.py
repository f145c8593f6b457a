"""Which focal function or class a call in a test means, where that is certain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from runfree.canonical import Case
from runfree.evidence.python_scope import FocalNames
from runfree.sample import Language
from runfree.syntax.parse import parse
from runfree.syntax.tree import Call, Class, Function, SourceFile

# Different receivers and functions looked at in one candidate.
_MAX_RECEIVERS = 300

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*\Z")


@dataclass(frozen=True, slots=True, eq=False)
class FocalIndex:
    """Functions and classes of a focal file by name. `functions`: those at top level; `methods`: by class name."""

    file: SourceFile
    functions: dict[str, tuple[Function, ...]]
    classes: dict[str, Class]
    methods: dict[str, dict[str, tuple[Function, ...]]]


def focal_index(case: Case) -> FocalIndex:
    """The index of the case's focal file."""
    return _index(case.language, case.focal.text)


@lru_cache(maxsize=32)
def _index(language: Language, text: str) -> FocalIndex:
    file = parse(language, text)
    functions: dict[str, list[Function]] = {}
    methods: dict[str, dict[str, list[Function]]] = {}
    for function in file.functions:
        if function.owner:
            owner = re.split(r"::|\.", function.owner)[-1]
            methods.setdefault(owner, {}).setdefault(function.name, []).append(function)
        else:
            functions.setdefault(function.name, []).append(function)
    return FocalIndex(
        file,
        {name: tuple(found) for name, found in functions.items()},
        {cls.name: cls for cls in file.classes},
        {owner: {name: tuple(f) for name, f in found.items()} for owner, found in methods.items()},
    )


@dataclass(frozen=True, slots=True)
class Target:
    """What a call means: the focal functions of that name (overloads), or a class that it makes.

    `bound` is True where the first parameter (`self`) is passed by the receiver. `functions` is empty where the
    class has no constructor of its own. `through` is how the test names it, for messages.
    """

    functions: tuple[Function, ...]
    bound: bool
    made: Class | None
    through: str


_latest: tuple[Case, Targets] | None = None


def targets_of(case: Case) -> Targets:
    """The targets of a case; several rules ask for those of one case in a row, so the last are kept."""
    global _latest
    latest = _latest
    if latest is None or latest[0] is not case:
        latest = (case, Targets(case))
        _latest = latest
    return latest[1]


class Targets:
    """Resolves the calls of the candidate to the focal file."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.index = focal_index(case)
        self.language = case.language
        self.names = FocalNames(case) if case.language == "python" else None
        self._types: dict[str, str] = {}
        self._bound_again: dict[str, bool] = {}
        text = case.candidate.text
        # The patterns below take quadratic time on lines that nobody writes.
        self._is_written = len(text) <= 100_000 and max(map(len, text.split("\n"))) <= 2_000
        self._own = {f.name for f in case.suite.functions if not f.owner} | {
            c.name for c in case.suite.classes
        }

    def resolved(self) -> Iterator[tuple[Call, Target]]:
        """The calls of the candidate whose target in the focal file is certain."""
        for call in self.case.candidate.calls:
            target = self.of(call)
            if target is not None:
                yield call, target

    def of(self, call: Call) -> Target | None:
        """The target of one call, None where it is not certain."""
        if not call.name:
            return None
        if self.language == "python":
            return self._python(call)
        if self.language == "java":
            return self._java(call)
        return self._go(call)

    def class_of(self, receiver: str) -> str:
        """Name of the focal class that an expression is an instance of, "" where that is not certain."""
        if receiver not in self._types:
            if len(self._types) > _MAX_RECEIVERS or not self._is_written:
                return ""
            self._types[receiver] = self._infer(receiver)
        return self._types[receiver]

    # Python

    def _python(self, call: Call) -> Target | None:
        assert self.names is not None
        if not call.receiver:
            name = self.names.members.get(call.name, "")
            return self._member(name, call.name) if name else None
        if call.receiver in self.names.modules:
            return self._member(call.name, f"{call.receiver}.{call.name}")
        cls_name = self.names.members.get(call.receiver, "")
        if cls_name in self.index.classes:
            found = self._method(cls_name, call.name)
            if found and all(f.is_static or "classmethod" in f.decorators for f in found):
                return Target(found, not found[0].is_static, None, f"{call.receiver}.{call.name}")
            return None
        owner = self.class_of(call.receiver)
        found = self._method(owner, call.name) if owner else ()
        if found and not any(f.is_property for f in found):
            return Target(found, not found[0].is_static, None, f"{call.receiver}.{call.name}")
        return None

    def _member(self, name: str, through: str) -> Target | None:
        if name in self.index.functions and name not in self.index.classes:
            if self._is_bound_again(name):
                return None
            return Target(self.index.functions[name], False, None, through)
        cls = self.index.classes.get(name)
        if cls is None or "::" in cls.qualified_name:
            return None
        return Target(self._method(name, "__init__"), True, cls, through)

    def _is_bound_again(self, name: str) -> bool:
        """Whether the focal module assigns to the function's name (`f = decorate(f)`)."""
        if name not in self._bound_again:
            again = rf"(?m)^{re.escape(name)}[ \t]*(?::[^=\n]+)?=[^=]"
            found = len(self._bound_again) > _MAX_RECEIVERS or re.search(again, self.case.focal.text)
            self._bound_again[name] = bool(found)
        return self._bound_again[name]

    def _method(self, cls_name: str, name: str) -> tuple[Function, ...]:
        """Methods of that name in a class or in the nearest of its bases in the focal file."""
        pending, seen = [cls_name], set()
        while pending:
            current = pending.pop(0)
            if current in seen:
                continue
            seen.add(current)
            found = self.index.methods.get(current, {}).get(name)
            if found:
                return found
            cls = self.index.classes.get(current)
            pending.extend(re.split(r"[\[<]", base)[0].split(".")[-1] for base in (cls.bases if cls else ()))
        return ()

    # Java and Go

    def _java(self, call: Call) -> Target | None:
        if call.constructor:
            cls = self.index.classes.get(call.name)
            if cls is None or cls.name in self._own:
                return None
            return Target(
                self.index.methods.get(cls.name, {}).get(cls.name, ()), False, cls, f"new {call.name}"
            )
        owner = call.receiver if call.receiver in self.index.classes else self.class_of(call.receiver)
        found = self.index.methods.get(owner, {}).get(call.name, ()) if owner else ()
        return Target(found, False, None, f"{call.receiver}.{call.name}") if found else None

    def _go(self, call: Call) -> Target | None:
        if call.constructor:
            return None
        same_package = self.case.suite.package == self.case.focal.package
        if not call.receiver:
            hidden = call.name in self._own or call.name in self.case.candidate.binds
            if not same_package or hidden or call.name not in self.index.functions:
                return None
            return Target(self.index.functions[call.name], False, None, call.name)
        if not same_package and call.receiver == self.case.focal.package:
            if call.name in self.index.functions and call.receiver not in self.case.candidate.binds:
                return Target(self.index.functions[call.name], False, None, f"{call.receiver}.{call.name}")
            return None
        owner = self.class_of(call.receiver)
        found = self.index.methods.get(owner, {}).get(call.name, ()) if owner else ()
        return Target(found, False, None, f"{call.receiver}.{call.name}") if found else None

    # The class of an expression, read off the one place that binds it.

    def _infer(self, receiver: str) -> str:
        if self.language == "python":
            return self._infer_python(receiver)
        if self.language == "java":
            return self._infer_java(receiver)
        return self._infer_go(receiver)

    def _infer_python(self, receiver: str) -> str:
        assert self.names is not None
        made = re.match(r"([\w.]+)\(", receiver)
        if made and receiver.endswith(")") and receiver.count("(") == 1:
            return self._constructed(made.group(1))
        if not _IDENTIFIER.match(receiver) or receiver not in self.case.candidate.binds:
            return ""
        parameters = {p.name for p in self.case.candidate.parameters}
        text = self.case.candidate.text
        bound = re.findall(rf"\b{re.escape(receiver)}\s*(?::[^=\n]+)?(?:[+\-*/|&]?=)(?!=)\s*([^\n]*)", text)
        otherwise = re.search(
            rf"\b(?:as|for|import)\s+\(?{re.escape(receiver)}\b|\b{re.escape(receiver)}\s*,.*=|,\s*{re.escape(receiver)}\b[^()\n]*=",
            text,
        )
        if receiver in parameters or len(bound) != 1 or otherwise:
            return ""
        made = re.match(r"([\w.]+)\(.*\)\s*(?:#.*)?\Z|([\w.]+)\(\s*\Z", bound[0])
        return self._constructed(made.group(1) or made.group(2)) if made and _is_one_call(bound[0]) else ""

    def _constructed(self, expression: str) -> str:
        """The focal class whose constructor a dotted name is."""
        assert self.names is not None
        head, _, last = expression.rpartition(".")
        name = (
            last if head in self.names.modules else self.names.members.get(expression, "") if not head else ""
        )
        cls = self.index.classes.get(name)
        return name if cls is not None and not self._method(name, "__new__") else ""

    def _infer_java(self, receiver: str) -> str:
        made = re.match(r"\(?new\s+(\w+)\s*\(", receiver)
        if made and made.group(1) in self.index.classes:
            return made.group(1) if re.fullmatch(r"\(?new\s+\w+\s*\([^()]*\)\)?", receiver) else ""
        name = receiver.removeprefix("this.")
        if not _IDENTIFIER.match(name):
            return ""
        places = self.case.candidate.text if name in self.case.candidate.binds else self.case.suite.text
        types = _declared(places).get(name, frozenset())
        if len(types) != 1:
            return ""
        found = next(iter(types))
        return found if found in self.index.classes and found not in self._own else ""

    def _infer_go(self, receiver: str) -> str:
        if not _IDENTIFIER.match(receiver) or receiver not in self.case.candidate.binds:
            return ""
        if receiver == self.case.focal.package:
            return ""  # `rsa := rsa.New()`: the package before, the variable after
        text = self.case.candidate.text
        name = re.escape(receiver)
        package = "" if self.case.suite.package == self.case.focal.package else f"{self.case.focal.package}."
        bound = re.findall(rf"\b{name}\s*(?:,\s*\w+\s*)?:?=(?!=)\s*([^\n]*)", text)
        declared = re.findall(rf"\bvar\s+{name}\s+\*?([\w.]+)\s*(?:\n|$|=)", text)
        if len(bound) + len(declared) != 1 or re.search(rf"[(,]\s*{name}\s+[*\[\w]", text):
            return ""
        if declared:
            return self._go_class(declared[0], package)
        literal = re.match(r"&?([\w.]+)\{", bound[0])
        if literal:
            return self._go_class(literal.group(1), package)
        made = re.match(r"([\w.]+)\(", bound[0])
        if made and _is_one_call(bound[0]):
            functions = self.index.functions.get(made.group(1).removeprefix(package), ())
            if len(functions) == 1 and made.group(1).startswith(package):
                first = functions[0].return_type.strip("() ").split(",")[0].split(" ")[-1].lstrip("*")
                return first if first in self.index.classes else ""
        return ""

    def _go_class(self, name: str, package: str) -> str:
        bare = name.removeprefix(package)
        return (
            bare if name.startswith(package) and bare in self.index.classes and bare not in self._own else ""
        )


_DECLARATION = re.compile(r"\b([A-Z]\w*|var)(?:<[^<>\n]*>)?\s+([A-Za-z_]\w*)\s*[=;,:)]")


@lru_cache(maxsize=256)
def _declared(text: str) -> dict[str, frozenset[str]]:
    """Java variables and fields declared in a text, with the types (`var` too) that they are declared with."""
    types: dict[str, set[str]] = {}
    for declared, name in _DECLARATION.findall(text):
        types.setdefault(name, set()).add(declared)
    return {name: frozenset(found) for name, found in types.items()}


def _is_one_call(text: str) -> bool:
    """Whether a line's expression ends with the bracket that its first call opened (or goes on below)."""
    depth = 0
    for position, character in enumerate(text):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                rest = text[position + 1 :].strip()
                return not rest or rest.startswith(("#", "//", ";"))
    return True
