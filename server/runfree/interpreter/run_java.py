"""Puts a Java test together: the classes of all files, JUnit and AssertJ checks, the paths explored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from runfree.interpreter import ir
from runfree.interpreter.answers import NEVER, Answers, Reason
from runfree.interpreter.budget import Budget, Stop
from runfree.interpreter.explore import Exploration, PathEnd, explore, join, outcome_of
from runfree.interpreter.frameworks_java import JavaTestEvaluator
from runfree.interpreter.java_classes import ClassTable, index
from runfree.interpreter.java_compile import compile_error
from runfree.interpreter.java_values import J, JArray, JClass, JList, JObject, JStream, JType
from runfree.interpreter.lower_java import lower, lower_cached
from runfree.interpreter.machine import Machine
from runfree.interpreter.reach import all_lines, expand, regions
from runfree.interpreter.values import Env, Thrown, Unknown, Value
from runfree.mutation import Mutant

Context = tuple[tuple[str, str], ...]
# Methods that Java, or its library, calls without their names being written.
_IMPLICIT = [
    "iterator",
    "hasNext",
    "next",
    "toString",
    "equals",
    "hashCode",
    "compareTo",
    "compare",
    "close",
    "run",
    "get",
    "accept",
    "apply",
    "test",
    "call",
    "of",
]
_FRAMEWORKS = ("org.junit.", "org.assertj.", "org.mockito.", "org.hamcrest.", "junit.", "nl.jqno.")
BROKEN = "does-not-compile:test"
_OLD_HOOKS = {"setUp": "Before", "tearDown": "After"}
_INJECTED = frozenset({"Mock", "Spy", "InjectMocks", "Captor", "TempDir", "Autowired"})


class JavaRun:
    """One test with its set-up and cases."""

    def __init__(self, ev: JavaTestEvaluator, name: str, program: ir.Program) -> None:
        self.ev = ev
        parts = name.split(".")
        self.name = parts[-1]
        top = next(
            (n for n in program.body if isinstance(n, ir.ClassDef) and "public" in n.declared[3]), None
        )
        top = top or next((n for n in program.body if isinstance(n, ir.ClassDef)), None)
        owner = top.name if top is not None else ""
        self.klass = self.find_owner(parts[:-1] or [owner], program, top)
        methods = self.klass.methods.get(parts[-1], []) if self.klass is not None else []
        self.old = self.klass is not None and self.klass.is_a("TestCase") and parts[-1].startswith("test")
        self.method = next(
            (m for m in methods if self.old or _has(m, "Test", "ParameterizedTest", "RepeatedTest")), None
        )

    def find_owner(self, names: list[str], program: ir.Program, top: ir.ClassDef | None) -> JClass | None:
        """The class of the test: its names from the outside in, below the file's main class."""
        table = self.ev.table
        places = index(program).top
        klass = table.make(places[top.name]) if top is not None else None
        if names[0] in places:
            klass = table.make(places[names[0]])
            names = names[1:]
        for name in names:
            klass = table.nested(klass, name) if klass is not None else None
        return klass

    def run(self) -> Thrown | None:
        """All cases; the first failure, None if all pass.

        Raises:
            Stop: it is not known what happens, or there is no such test.
        """
        ev, klass, method = self.ev, self.klass, self.method
        if klass is None or method is None:
            raise Stop("test-not-found")
        if _has(method, "Disabled", "Ignore", "RepeatedTest") or any(
            n in ("Disabled", "Ignore") for n, _ in klass.annotations
        ):
            raise Stop("skipped")
        if any(n in ("RunWith", "SpringBootTest") for n, _ in klass.annotations):
            ev.risky("runner")
        for hook in self.hooks(klass, "BeforeAll", "BeforeClass"):
            ev.call_method(hook[0], hook[1], None, [])
        failure: Thrown | None = None
        for arguments in self.cases(method):
            try:
                self.one(klass, method, arguments)
            except Thrown as thrown:
                failure = failure or thrown
        return failure

    def instance(self, klass: JClass) -> Value:
        """A fresh object of the test class; a nested one in an object of the class around it, set up first."""
        ev = self.ev
        if klass.outer is None or "static" in klass.modifiers:
            return ev.create(klass, self.given(klass))
        around = self.instance(klass.outer)
        if not isinstance(around, JObject):
            raise Stop("nested-test")
        self.inject(klass.outer, around)
        for hook, owner in self.hooks(klass.outer, "BeforeEach"):
            ev.call_method(hook, owner, around, [])
        scope = Env(None, klass.module, "block")
        scope.vars.update({"this": around, "$class": klass.outer})
        return ev.create(klass, [], scope)

    def given(self, klass: JClass) -> list[Value]:
        """What JUnit makes the test class with: JUnit 3 hands the test's name to a constructor that takes one."""
        constructors = klass.methods.get("<init>", [])
        named = bool(constructors) and all([p.type for p in c.parameters] == ["String"] for c in constructors)
        return [self.name] if self.old and named else []

    def inject(self, klass: JClass, instance: JObject) -> None:
        """Fields that a framework fills are unknown."""
        for owner in klass.order():
            for node in owner.fields:
                if not isinstance(node, ir.Annotate) or not isinstance(node.target, ir.Name):
                    continue
                names = {n for n, _ in node.annotation[2]} if len(node.annotation) > 2 else set()
                # A spy is what it is made around, as long as nothing is stubbed.
                if names & _INJECTED and not ("Spy" in names and node.value is not None):
                    instance.fields[node.target.id] = Unknown("mock", "mock")

    def hooks(self, around: JClass, *names: str) -> list[tuple[ir.FunctionDef, JClass]]:
        """Set-up methods, those of superclasses first."""
        found = []
        for klass in reversed(around.order()):
            for name, methods in klass.methods.items():
                old = self.old and name in ("setUp", "tearDown") and _OLD_HOOKS[name] in names
                found += [(m, klass) for m in methods if old or _has(m, *names)]
        return found

    def one(self, klass: JClass, method: ir.FunctionDef, arguments: list[Value]) -> None:
        ev = self.ev
        instance = self.instance(klass)
        if isinstance(instance, JObject):
            self.inject(klass, instance)
        for hook, owner in self.hooks(klass, "BeforeEach", "Before"):
            ev.call_method(hook, owner, instance, [])
        expected = next(
            (v for n, pairs in method.annotations if n == "Test" for k, v in pairs if k == "expected"), None
        )
        try:
            ev.call_method(method, klass, instance, arguments)
        except Thrown as thrown:
            if expected is None:
                raise
            kind = ev.eval(expected, Env(None, None, "block"))
            if (
                isinstance(kind, JType)
                and type(thrown.value) is JObject
                and not thrown.value.klass.is_a(kind.name)
            ):
                raise
            if not isinstance(kind, JType):
                ev.trace.assumed = True
        else:
            if expected is not None:
                if ev.trace.tainted:
                    ev.trace.assumed = True
                else:
                    raise ev.error("AssertionError", "expected exception was not thrown")
        for hook, owner in self.hooks(klass, "AfterEach", "After"):
            ev.call_method(hook, owner, instance, [])

    def cases(self, method: ir.FunctionDef) -> Iterator[list[Value]]:
        """The arguments of each case."""
        sources: list[tuple[str, Any]] = [
            (n, dict(pairs)) for n, pairs in method.annotations if n.endswith("Source")
        ]
        if not sources:
            if method.parameters:
                raise Stop("test-parameters")
            yield []
            return
        if len(sources) > 1:
            raise Stop("sources")
        name, options = sources[0]
        env = Env(None, None, "block")
        if name == "ValueSource":
            if len(options) != 1:
                raise Stop("source")
            for value in self.values(next(iter(options.values())), env):
                yield [value]
        elif name == "CsvSource":
            if set(options) != {"value"}:
                raise Stop("source")
            for row in self.values(options["value"], env):
                yield self.csv(row, method)
        elif name == "MethodSource" and self.klass is not None:
            given = self.values(options["value"], env) if options else [method.name]
            for provider in given:
                found = self.ev.find_method(self.klass, provider, [])
                if found is None:
                    raise Stop("source")
                rows = self.ev.call_method(found[0], found[1], None, [])
                for row in (
                    rows.items if isinstance(rows, (JStream, JList, JArray)) else self.ev.iterate(rows)
                ):
                    yield row.items if isinstance(row, JArguments) else [row]
        elif name == "EnumSource" or name in ("NullSource", "EmptySource", "NullAndEmptySource"):
            raise Stop("source:" + name)
        else:
            raise Stop("source")

    def values(self, node: ir.Expression, env: Env) -> list[Value]:
        items = node.items if isinstance(node, ir.Sequence) else (node,)
        return [self.ev.eval(i, env) for i in items]

    def csv(self, row: Value, method: ir.FunctionDef) -> list[Value]:
        if not isinstance(row, str) or "'" in row or '"' in row:
            raise Stop("csv")
        parts = [p.strip() for p in row.split(",")]
        if len(parts) != len(method.parameters):
            raise Stop("csv")
        values: list[Value] = []
        for text, parameter in zip(parts, method.parameters, strict=True):
            values.append(self.csv_value(text, parameter.type))
        return values

    def csv_value(self, text: str, t: str) -> Value:
        if text == "":
            return None
        if t == "String":
            return text
        if t in ("int", "long", "Integer", "Long"):
            return J("int" if t[0] in "iI" else "long", int(text))
        if t in ("double", "Double"):
            return J("double", float(text))
        if t in ("boolean", "Boolean"):
            return J("boolean", text.lower() == "true")
        raise Stop("csv")


class JArguments:
    """JUnit's Arguments.of(...)."""

    def __init__(self, items: list[Value]) -> None:
        self.items = items


def _has(method: ir.FunctionDef, *names: str) -> bool:
    return any(n in names for n, _ in method.annotations)


def run_paths(
    programs: tuple[ir.Program, ...], focal: ir.Program, test: ir.Program, name: str, budget: Budget
) -> Exploration:
    """Explores the paths of one test."""

    def one(decisions: tuple[bool, ...], limits: Budget, deadline: float) -> tuple[Machine, PathEnd]:
        ev = JavaTestEvaluator(test.path, limits, decisions, deadline)
        ev.make_arguments = JArguments
        try:
            ev.table = ClassTable(programs, focal)
            ev.focal_loaded = True
            thrown = JavaRun(ev, name, test).run()
            if thrown is None:
                return ev, PathEnd("passed")
            return ev, PathEnd("failed", thrown, sentence=ev.describe(thrown))
        except Thrown as thrown:
            return ev, PathEnd("failed", thrown, sentence=ev.describe(thrown))
        except Stop as stop:
            stop.args = (stop.reason, ev.line)
            if stop.reason == "does-not-compile" and stop.path == test.path:
                stop.reason = BROKEN
            return ev, PathEnd("stopped", stop=stop)
        except (RecursionError, MemoryError):
            return ev, PathEnd("stopped", stop=Stop("budget:depth"))
        except Exception as error:
            # A gap of the evaluator itself: no claim may come of it, and no crash either.
            return ev, PathEnd("stopped", stop=Stop(f"internal:{type(error).__name__}"))

    return explore(one, budget)


@lru_cache(maxsize=64)
def programs_of(
    focal_text: str, suite_text: str, focal_path: str, test_path: str, context: Context
) -> tuple[tuple[ir.Program, ...], ir.Program, ir.Program]:
    """All lowered files, the focal one and the test file."""
    focal_path = focal_path or "Focal.java"
    test_path = test_path or "FocalTest.java"
    focal, test = lower_cached(focal_text, focal_path), lower_cached(suite_text, test_path)
    others = [
        lower_cached(text, path)
        for path, text in context
        if path.endswith(".java") and path not in (focal_path, test_path)
    ]
    return (focal, test, *others), focal, test


def analyse_java(
    focal_text: str,
    suite_text: str,
    name: str,
    focal_path: str,
    test_path: str,
    budget: Budget,
    context: Context,
) -> Answers:
    """Reads one Java test to its end."""
    programs, focal, test = programs_of(focal_text, suite_text, focal_path, test_path, context)
    if focal.has_error:
        return Answers(reasons=(Reason("syntax-error", 0, focal.path),))
    if test.has_error:
        return failing("syntax error", focal, test)
    result = run_paths(programs, focal, test, name, budget)

    def roots() -> set[str]:
        names = expand(programs, set(_IMPLICIT).union(*(r.mentions for r in regions(test))))
        return names | called_from_outside(programs, focal, test)

    answers = join(result, focal, roots)
    error = find_compile_error(programs, focal, test, name)
    if any(end.stop is not None and end.stop.reason == BROKEN for end in result.ends):
        error = error or "types do not match"
    if error:
        return replace(
            answers, outcome="fails", likely="fails", sentence="does not compile: " + error, loaded=False
        )
    return answers


def called_from_outside(programs: tuple[ir.Program, ...], focal: ir.Program, test: ir.Program) -> set[str]:
    """Names of the focal file that the project's other code may call: overriding methods, or all where the test uses
    classes of the project that are not at hand."""
    names = {r.name for r in regions(focal)}
    here = {name for p in programs for name in index(p).top}
    missing = [
        full
        for name, full in index(test).imported.items()
        if name not in here and not full.startswith(_FRAMEWORKS)
    ]
    if missing:
        return names
    return {
        m.name
        for place in (*index(focal).top.values(), *(p for ps in index(focal).inner.values() for p in ps))
        for m in place.node.body
        if isinstance(m, ir.FunctionDef) and _has(m, "Override")
    }


def failing(error: str, focal: ir.Program, test: ir.Program) -> Answers:
    """The answers for a test file that does not compile: nothing of the focal file is run."""
    return Answers(
        "fails", "fails", "does not compile: " + error, line_grades=dict.fromkeys(all_lines(focal), NEVER),
        reasons=(Reason("syntax-error", 0, test.path),), loaded=False,
    )  # fmt: skip


def find_compile_error(
    programs: tuple[ir.Program, ...], focal: ir.Program, test: ir.Program, name: str
) -> str:
    """Why the test certainly does not compile, "" if that is not known."""
    ev = JavaTestEvaluator(test.path, Budget())
    ev.table = ClassTable(programs, focal)
    run = JavaRun(ev, name, test)
    if run.klass is None or run.method is None:
        return ""
    return compile_error(test, ev.table, run.klass, run.method)


def analyse_mutant(
    focal_text: str,
    suite_text: str,
    name: str,
    focal_path: str,
    test_path: str,
    mutant: Mutant,
    budget: Budget,
    context: Context,
) -> Answers:
    """Reads one Java test on the focal file with one edit; only the outcome is of use."""
    programs, focal, test = programs_of(focal_text, suite_text, focal_path, test_path, context)
    changed = lower(mutant.apply(focal_text).encode(errors="replace"), focal.path)
    if changed.has_error:
        return Answers(loaded=False)
    replaced = tuple(changed if p is focal else p for p in programs)
    result = run_paths(replaced, changed, test, name, budget)
    outcome, likely, sentence = outcome_of(result)
    return Answers(outcome, likely, sentence, steps=result.steps, paths=len(result.ends))
