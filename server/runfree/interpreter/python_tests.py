"""Runs one Python test, pytest or unittest, in the evaluator: set-up, fixtures, parametrised cases."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from runfree.interpreter.budget import Stop
from runfree.interpreter.frameworks_python import REQUEST, TESTCASE, install
from runfree.interpreter.python_evaluator import PythonEvaluator
from runfree.interpreter.python_fixtures import FIXTURES
from runfree.interpreter.python_modules import Modules
from runfree.interpreter.values import (
    MISSING,
    ClassMethod,
    ClassValue,
    Coroutine,
    FunctionValue,
    Instance,
    IteratorValue,
    ModuleValue,
    StaticMethod,
    Thrown,
    Unknown,
    Value,
)

MAX_CASES = 200
BUILTIN_FIXTURES = frozenset(
    [
        "request",
        "tmp_path",
        "tmpdir",
        "tmp_path_factory",
        "tmpdir_factory",
        "monkeypatch",
        "capsys",
        "capfd",
        "caplog",
        "recwarn",
        "pytestconfig",
        "cache",
        "record_property",
        "capsysbinary",
        "capfdbinary",
    ]
)


@dataclass
class Fixtures:
    """Fixtures made for one case, and what is to be taken down after it."""

    made: dict[str, Value] = field(default_factory=dict)
    open: list[IteratorValue] = field(default_factory=list)


class TestNotFoundError(Exception):
    """The test file holds no such test (or holds it only under conditions)."""


def run_test(ev: PythonEvaluator, modules: Modules, name: str) -> Thrown | None:
    """Runs a test in all its cases; what it failed with, None if it passed.

    Raises:
        Stop: it is not known what happens. TestNotFoundError: there is no such test.
    """
    install(ev)
    module = modules.module(ev, modules.test_path)
    owner, function = find_test(module, name)
    if function is None:
        raise TestNotFoundError(name)
    conftest = [modules.module(ev, p) for p in modules.programs if p.rsplit("/", 1)[-1] == "conftest.py"]
    return TestRun(ev, module, conftest, owner, function).run()


def find_test(module: ModuleValue, name: str) -> tuple[ClassValue | None, FunctionValue | None]:
    """The class (if any) and function of a test's name."""
    parts = name.split("::")
    scope = module.env.vars
    owner: ClassValue | None = None
    for part in parts[:-1]:
        found = scope.get(part)
        if not isinstance(found, ClassValue):
            return None, None
        owner = found
        scope = found.namespace
    found = scope.get(parts[-1], MISSING)
    if found is MISSING and owner is not None:
        found = owner.find(parts[-1])
    while type(found) in (StaticMethod, ClassMethod):
        found = found.function
    if isinstance(found, Unknown):
        raise Stop("decorator:" + (found.label or found.why))
    return owner, found if type(found) is FunctionValue else None


def plain_case(value: Value) -> Value:
    """The value of a fixture's parameter, `pytest.param` taken off.

    Raises:
        Stop: the parameter is marked to be skipped.
    """
    if type(value) is Instance and value.klass.name == "ParameterSet":
        if any(m in ("skip", "skipif", "xfail") for m in value.attrs["marks"]):
            raise Stop("skipped")
        return value.attrs["values"][0]
    return value


def skipped_case(value: Value) -> bool:
    """Whether a case is marked to be skipped whatever happens: the other cases are what counts."""
    return type(value) is Instance and value.klass.name == "ParameterSet" and value.attrs["marks"] == ["skip"]


class TestRun:
    """One test with its class, fixtures and cases."""

    def __init__(
        self,
        ev: PythonEvaluator,
        module: ModuleValue,
        conftest: list[ModuleValue],
        owner: ClassValue | None,
        function: FunctionValue,
    ) -> None:
        self.ev = ev
        self.module = module
        self.scopes = [module, *conftest]
        self.owner = owner
        self.function = function
        self.unittest = owner is not None and TESTCASE in owner.mro

    def run(self) -> Thrown | None:
        """All cases in order; the first failure, None if all pass."""
        marks = self.marks("__marks__")
        for mark in marks:
            if mark in ("skip", "skipif", "xfail"):
                raise Stop("skipped")
        if self.owner is not None and self.owner.opaque and not self.unittest:
            self.ev.risky("class:" + self.owner.opaque)
        self.hook("setup_module", "setUpModule")
        self.class_hook("setUpClass" if self.unittest else "setup_class")
        failure: Thrown | None = None
        cases = list(itertools.islice(self.cases(), MAX_CASES + 1))
        if not cases:
            raise Stop("skipped")
        for count, case in enumerate(cases):
            if count >= MAX_CASES:
                raise Stop("budget:cases")
            try:
                self.one(case)
            except Thrown as thrown:
                if not failure:
                    failure = thrown
        return failure

    def marks(self, name: str) -> list[Value]:
        """What marks of the function and of its class gathered."""
        found = list(self.function.attrs.get(name, []))
        if self.owner is not None:
            for klass in self.owner.mro:
                found += klass.options.get(name, []) if klass.definition is not None else []
        return found

    def hook(self, *names: str) -> None:
        for name in names:
            found = self.module.env.vars.get(name)
            if type(found) is FunctionValue and "__fixture__" not in found.attrs:
                self.ev.call(found, [self.module] if found.definition.parameters else [], {})

    def class_hook(self, name: str) -> None:
        found = self.owner.find(name) if self.owner is not None else MISSING
        if found is not MISSING and self.owner is not None and type(found) in (ClassMethod, FunctionValue):
            inner = found.function if type(found) is ClassMethod else found
            if type(inner) is FunctionValue:
                self.ev.call(inner, [self.owner], {})

    def cases(self) -> Iterator[dict[str, Value]]:
        """The parameters of each case, by name; fixture parameters under "name:"."""
        columns: list[list[dict[str, Value]]] = []
        direct: set[str] = set()
        for names, values, indirect in reversed(self.marks("__parametrize__")):
            rows = [self.bind_case(names, v) for v in values if not skipped_case(v)]
            # Indirect values go to the fixtures of these names, as `request.param`.
            columns.append([{n + ":": v for n, v in row.items()} for row in rows] if indirect else rows)
            direct.update(names)
        for name in self.wanted_fixtures():
            fixture = self.find_fixture(name) if name not in direct else None
            if fixture is not None and fixture.attrs["__fixture__"].get("params") is not None:
                params = [plain_case(p) for p in self.ev.collect(fixture.attrs["__fixture__"]["params"])]
                columns.append([{name + ":": p} for p in params])
        for combination in itertools.product(*columns):
            merged: dict[str, Value] = {}
            for part in combination:
                merged.update(part)
            yield merged

    def bind_case(self, names: list[str], value: Value) -> dict[str, Value]:
        if type(value) is Instance and value.klass.name == "ParameterSet":
            if any(m in ("skip", "skipif", "xfail") for m in value.attrs["marks"]):
                raise Stop("skipped")
            value = value.attrs["values"]
            return dict(zip(names, value, strict=False))
        if len(names) == 1:
            return {names[0]: value}
        if isinstance(value, Unknown):
            return {n: Unknown(value.why, value.label) for n in names}
        items = self.ev.collect(value)
        if len(items) != len(names):
            raise self.ev.error("ValueError", "parametrize: wrong number of values")
        return dict(zip(names, items, strict=True))

    def wanted_fixtures(self) -> list[str]:
        """Names of the fixtures that the test asks for, directly, by mark, automatically, or through others."""
        names = [p.name for p in self.function.definition.parameters if p.kind != "rest"]
        if self.owner is not None and names:
            names = names[1:]
        todo = [*self.automatic(), *self.marks("__usefixtures__"), *names]
        seen: list[str] = []
        while todo:
            name = todo.pop(0)
            if name in seen:
                continue
            seen.append(name)
            fixture = self.find_fixture(name)
            if fixture is not None:
                todo += [p.name for p in fixture.definition.parameters if p.name != "self"]
        return seen

    def automatic(self) -> list[str]:
        found = []
        namespaces = [s.env.vars for s in reversed(self.scopes)]
        if self.owner is not None:
            namespaces += [k.namespace for k in reversed(self.owner.mro)]
        for namespace in namespaces:
            for name, value in list(namespace.items()):
                options = value.attrs.get("__fixture__", {}) if type(value) is FunctionValue else {}
                if options.get("autouse") is True:
                    found.append(options.get("name") or name)
        return found

    def find_fixture(self, name: str) -> FunctionValue | None:
        """The fixture function of a name: in the class, the file, then conftest files."""
        namespaces = [k.namespace for k in self.owner.mro] if self.owner is not None else []
        namespaces += [s.env.vars for s in self.scopes]
        for namespace in namespaces:
            found = namespace.get(name)
            options = found.attrs.get("__fixture__") if type(found) is FunctionValue else None
            if type(found) is FunctionValue and options is not None and options.get("name") in (None, name):
                return found
            for value in namespace.values():
                if type(value) is FunctionValue and value.attrs.get("__fixture__", {}).get("name") == name:
                    return value
        return None

    def one(self, case: dict[str, Value]) -> None:
        """One case: set-up, the test, take-down."""
        ev = self.ev
        instance: Value = None
        if self.owner is not None:
            instance = Instance(self.owner) if self.unittest else ev.call(self.owner, [], {})
        fixtures = Fixtures()
        self.check_fixtures(case)
        for name in self.automatic() + self.marks("__usefixtures__"):
            self.fixture(name, instance, fixtures, case)
        if self.unittest:
            self.method(instance, "setUp")
        elif instance is not None:
            self.method(instance, "setup_method")
            self.method(instance, "setup")
        else:
            self.hook("setup_function")
        arguments: dict[str, Value] = {}
        parameters = list(self.function.definition.parameters)
        if instance is not None and parameters:
            parameters = parameters[1:]
        patches = self.function.attrs.get("__patches__", [])
        skipped = sum(not p.given for p in patches)
        positional = [p.start() if not p.given else p.new for p in patches if not p.given]
        for patch in patches:
            if patch.given:
                patch.start()
        for position, parameter in enumerate(parameters):
            if parameter.kind in ("rest", "keywords") or position < skipped:
                continue
            if parameter.name in case:
                arguments[parameter.name] = case[parameter.name]
            elif parameter.default is None:
                arguments[parameter.name] = self.fixture(parameter.name, instance, fixtures, case)
        try:
            receiver = [instance] if instance is not None else []
            result = ev.call(self.function, [*receiver, *positional], arguments)
            if type(result) is Coroutine:
                # Whether an async test runs at all depends on a plugin.
                ev.reason("async-test")
                ev.trace.tainted = ev.trace.assumed = ev.trace.caught = True
                result.run()
        finally:
            ev.guards.clear()
            for patch in reversed(patches):
                patch.stop()
        self.take_down(instance, fixtures)

    def check_fixtures(self, case: dict[str, Value]) -> None:
        """A fixture that nobody defines here makes everything doubtful: it may come from a plugin, or not exist."""
        count = sum(not p.given for p in self.function.attrs.get("__patches__", []))
        defaulted = {p.name for p in self.function.definition.parameters if p.default is not None}
        for name in self.wanted_fixtures()[count:]:
            if (
                name in case
                or name in BUILTIN_FIXTURES
                or name in defaulted
                or self.find_fixture(name) is not None
            ):
                continue
            self.ev.reason("fixture:" + name)
            self.ev.trace.tainted = self.ev.trace.assumed = self.ev.trace.caught = True

    def take_down(self, instance: Value, fixtures: Fixtures) -> None:
        if self.unittest:
            self.method(instance, "tearDown")
        elif instance is not None:
            self.method(instance, "teardown_method")
            self.method(instance, "teardown")
        else:
            self.hook("teardown_function")
        for generator in reversed(fixtures.open):
            next(generator.host, None)

    def method(self, instance: Value, name: str) -> None:
        """Calls a set-up or take-down method of the user, where there is one."""
        found = instance.klass.find(name) if type(instance) is Instance else MISSING
        if type(found) is FunctionValue and "__fixture__" not in found.attrs:
            extra = [Unknown("pytest", "pytest.method")] if len(found.definition.parameters) > 1 else []
            self.ev.call(found, [instance, *extra], {})

    def fixture(self, name: str, instance: Value, fixtures: Fixtures, case: dict[str, Value]) -> Value:
        """The value of a fixture, made once a case."""
        if name in fixtures.made:
            return fixtures.made[name]
        ev = self.ev
        function = self.find_fixture(name)
        if function is None:
            value: Value = Unknown("fixture:" + name, "pytest." + name)
            if name in FIXTURES:
                value = Instance(FIXTURES[name])
            if name == "capsys":
                # What was printed before, while modules were loaded, is captured elsewhere.
                ev.output = {"out": [], "err": []}
            if name == "request":
                value = Instance(REQUEST)
            fixtures.made[name] = value
            return value
        ev.depth += 1
        if ev.depth > ev.budget.depth:
            raise Stop("budget:depth")
        arguments: dict[str, Value] = {}
        receiver: list[Value] = []
        for position, parameter in enumerate(function.definition.parameters):
            if position == 0 and function.owner is not None:
                receiver = [instance]
            elif parameter.name == "request":
                request = Instance(REQUEST)
                if name + ":" in case:
                    request.attrs["param"] = case[name + ":"]
                elif name in case:
                    request.attrs["param"] = case[name]
                arguments["request"] = request
            else:
                inner = case.get(parameter.name, MISSING)
                if inner is MISSING:
                    inner = self.fixture(parameter.name, instance, fixtures, case)
                arguments[parameter.name] = inner
        value = ev.call(function, receiver, arguments)
        ev.depth -= 1
        if type(value) is Coroutine:
            value = value.run()
        if type(value) is IteratorValue and function.definition.body.generator:
            fixtures.open.append(value)
            value = ev.next_of(value, MISSING)
        fixtures.made[name] = value
        return value
