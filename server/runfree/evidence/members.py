"""Members that a focal class or module, or a standard module, does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runfree.canonical import Case
from runfree.evidence.fact import fact
from runfree.evidence.python_scope import is_dynamic, module_members, visible_imports
from runfree.evidence.suite_index import suite_index
from runfree.evidence.targets import Targets, targets_of
from runfree.sample import Evidence
from runfree.syntax.tree import Class, Member

# What every object has without showing it.
JAVA_OBJECT = frozenset(
    {
        *("equals", "hashCode", "toString", "getClass", "notify", "notifyAll", "wait", "clone", "finalize"),
        *("class", "length", "this", "super", "new"),
    }
)
_JAVA_ENUM = frozenset(
    {"values", "valueOf", "name", "ordinal", "compareTo", "getDeclaringClass", "describeConstable"}
)

# Blocks that may be meant for another version of Python or of a module.
_TRIED = frozenset({"try", "except", "else"})
_VERSIONED = re.compile(r"(?i)\bpy\d|version|six\.")
# Different members looked at in one candidate.
_MAX_MEMBERS = 500


def unknown_imports(case: Case) -> Iterator[Evidence]:
    """Names imported from the focal file that it does not define (Python)."""
    if case.language != "python" or is_dynamic(case.focal) or case.focal_path.endswith("__init__.py"):
        return
    names = targets_of(case).names
    for item in names.direct[:_MAX_MEMBERS] if names is not None else ():
        if item.name in case.focal.module_names or item.name.startswith("__"):
            continue
        local = item.span.start_line in case.candidate.span
        if not local and item.span.start_column != 0:
            continue  # an import under `try` or `if`: it may be meant to fail
        if re.search(rf"[\"']{re.escape(item.name)}[\"']", case.focal.text):
            continue  # made by name, somehow
        message = f"the focal file defines no `{item.name}`"
        yield fact(case, "unknown-import", message, "fails", item.span)


def undefined_members(case: Case) -> Iterator[Evidence]:
    """Attributes and methods read by the candidate that its focal class, focal module or standard module lacks."""
    if case.candidate.has_error:
        return
    if case.language == "python" and re.search(r"\bAttributeError\b|\bhasattr\b", case.candidate.text):
        return
    targets = targets_of(case)
    seen: set[tuple[str, str]] = set()
    for member in case.candidate.members:
        key = member.receiver, member.name
        # `_Cls__name` is how a private name is reached from outside.
        if not member.name or "__" in member.name or key in seen or len(seen) > _MAX_MEMBERS:
            continue
        seen.add(key)
        if case.language == "python":
            yield from _python(case, member, targets)
        else:
            yield from _compiled(case, member, targets)


def _python(case: Case, member: Member, targets: Targets) -> Iterator[Evidence]:
    assert targets.names is not None
    if any(
        (b.kind in _TRIED or _VERSIONED.search(b.condition)) and member.span.start_line in b.body
        for b in case.candidate.branches
    ):
        return
    if member.receiver in targets.names.modules:
        known = case.focal.module_names
        if member.name not in known and not is_dynamic(case.focal) and not _is_named(case, member.name):
            message = f"the focal file defines no `{member.name}`"
            yield fact(case, "undefined-member", message, "fails", member.span)
        return
    standard = _standard_members(case, member.receiver)
    if standard is not None:
        if member.name not in standard and f"{member.receiver}.{member.name} =" not in case.suite.text:
            message = f"module `{member.receiver}` has no `{member.name}`"
            yield fact(case, "undefined-member", message, "fails", member.span)
        return
    function = targets.names.members.get(member.receiver, "")
    if function and function in targets.index.functions and function not in targets.index.classes:
        yield from _of_function(case, member, targets.index.functions[function][-1].decorators)
        return
    name = function if function in targets.index.classes else targets.class_of(member.receiver)
    if name and not _has(targets, name, member.name) and not _is_named(case, member.name):
        yield fact(case, "undefined-member", f"`{name}` has no `{member.name}`", "fails", member.span)


def _of_function(case: Case, member: Member, decorators: tuple[str, ...]) -> Iterator[Evidence]:
    """A plain function has no attributes but those set on it."""
    if decorators or _is_named(case, member.name) or f".{member.name} =" in case.suite.text:
        return
    message = f"`{member.receiver}` is a function and has no `{member.name}`"
    yield fact(case, "undefined-member", message, "fails", member.span)


def _standard_members(case: Case, receiver: str) -> frozenset[str] | None:
    """Names of the standard module that a receiver stands for, None where it stands for something else."""
    if not re.fullmatch(r"[\w.]+", receiver) or receiver.split(".")[0] in case.candidate.binds:
        return None
    for item in visible_imports(case):
        if not item.name and item.module == receiver:
            return module_members(receiver)
        if not item.name and item.binds == receiver:
            is_alias = item.binds != item.module.split(".")[0]
            return module_members(item.module if is_alias else receiver)
        if item.name and item.binds == receiver and not item.module.startswith("."):
            return module_members(f"{item.module}.{item.name}")
    return None


def _is_named(case: Case, name: str) -> bool:
    """Whether the focal text names the member after a dot or as a string: it may be set in ways not read here."""
    return re.search(rf"\.{re.escape(name)}\b|[\"']{re.escape(name)}[\"']", case.focal.text) is not None


def _has(targets: Targets, cls_name: str, member: str) -> bool:
    """Whether a focal class has a member, or may have: True wherever its text does not show all."""
    pending, seen = [cls_name], set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in ("object", "ABC", "Generic", "Protocol", "Object"):
            continue
        cls = targets.index.classes.get(name)
        if cls is None:
            return True
        if member in cls.fields or member in targets.index.methods.get(name, {}):
            return True
        if _is_open(targets, cls):
            return True
        pending.extend(re.split(r"[\[<(]", base)[0].split(".")[-1] for base in cls.bases)
    return False


def _is_open(targets: Targets, cls: Class) -> bool:
    """Whether a class has members not in its text, bases in the focal file left to be looked at themselves."""
    if not cls.open_members:
        return False
    in_file = all(re.split(r"[\[<(]", base)[0].split(".")[-1] in targets.index.classes for base in cls.bases)
    methods = targets.index.methods.get(cls.name, {})
    plain = not cls.decorators or all(d.split("(")[0].split(".")[-1] == "dataclass" for d in cls.decorators)
    return not (
        cls.bases and in_file and plain and not {"__getattr__", "__getattribute__"} & set(methods)
    ) or ("metaclass" in targets.case.focal.text)


def _compiled(case: Case, member: Member, targets: Targets) -> Iterator[Evidence]:
    """Java and Go: a member that a closed focal class does not have does not compile."""
    name = member.receiver if case.language == "java" and _is_class(targets, member.receiver) else ""
    name = name or targets.class_of(member.receiver)
    cls = targets.index.classes.get(name)
    if cls is None or cls.decorators or cls.kind in ("alias", "interface") or is_generated(case):
        return
    known = (
        JAVA_OBJECT | (_JAVA_ENUM if cls.kind == "enum" else frozenset()) if case.language == "java" else ()
    )
    if member.name in known or member.name in targets.index.classes:
        return
    if member.name in cls.fields or cls.open_members or cls.bases or cls.kind == "record":
        return
    if member.name in targets.index.methods.get(name, {}) or (
        case.language == "go" and _elsewhere(case, name)
    ):
        return
    if case.language == "go" and _is_used_elsewhere(case, member.name):
        return  # another file of the package may define it, as the other tests show
    if member.name in suite_index(case).helpers:
        return  # the test file may add methods to the types of its package
    message = f"`{name}` has no `{member.name}`: this does not compile"
    yield fact(case, "undefined-member", message, "fails", member.span)


def _is_used_elsewhere(case: Case, name: str) -> bool:
    """Whether the test file names a member outside the candidate."""
    return (
        re.search(rf"\.{re.escape(name)}\b", case.suite.text.replace(case.candidate.text, "", 1)) is not None
    )


def is_generated(case: Case) -> bool:
    """Whether a Java focal file leaves accessors or constructors to an annotation processor."""
    return case.language == "java" and any(
        i.module.startswith(("lombok", "org.immutables")) for i in case.focal.imports
    )


def _is_class(targets: Targets, receiver: str) -> bool:
    return receiver in targets.index.classes and receiver not in targets.case.candidate.binds


def _elsewhere(case: Case, type_name: str) -> bool:
    """Whether other files of the package may add methods to a Go type: unless the file shows most of them, they may.

    A type whose methods are all in one file is by far the commonest; one without any method here is left alone.
    """
    return not any(f.owner == type_name for f in case.focal.functions)
