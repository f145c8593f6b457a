"""The evaluator for Python: definitions, comprehensions, exceptions, context managers, pattern matching, imports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from runfree.interpreter import ir
from runfree.interpreter.budget import Budget, Stop
from runfree.interpreter.python_builtins import (
    BUILTINS,
    construct_builtin,
    find_class_builtin,
    find_super_builtin,
)
from runfree.interpreter.python_calls import PythonCalls
from runfree.interpreter.python_classes import finish_class
from runfree.interpreter.python_library import LIBRARY
from runfree.interpreter.python_mocks import decorate_with
from runfree.interpreter.python_modules import Modules
from runfree.interpreter.python_patterns import match_pattern
from runfree.interpreter.python_types import (
    CONTAINERS,
    EXCEPTIONS,
    MAPPINGS,
    OBJECT,
    class_of,
    library_exception,
    type_name,
)
from runfree.interpreter.statements import Signal
from runfree.interpreter.values import (
    MISSING,
    Builtin,
    ClassMethod,
    ClassValue,
    Coroutine,
    Env,
    FunctionValue,
    Instance,
    IteratorValue,
    Manager,
    StaticMethod,
    SuperValue,
    Thrown,
    Unknown,
    Value,
)

library_exception("FrozenInstanceError", "AttributeError")


class PythonEvaluator(PythonCalls):
    """Evaluates Python; `modules` says what an import gives."""

    def __init__(
        self, modules: Modules, budget: Budget, decisions: tuple[bool, ...] = (), deadline: float = 0.0
    ) -> None:
        super().__init__(budget, decisions, deadline)
        self.modules = modules
        self.overridden: dict[str, Value] = {}
        # Mocks in the place of the user's names, which unknown code calls as soon as it can call the user's code.
        self.patched: list[Instance] = []
        self.environ: dict[str, Value] = {}
        # What was printed since it was last read.
        self.output: dict[str, list[Value]] = {"out": [], "err": []}
        self.sentinels: dict[str, Instance] = {}
        # Whether the test file has done nothing but import so far, so that modules are still as they were loaded.
        self.pristine = False

    # -- names ----------------------------------------------------------------------------------------------------

    def name_missing(self, name: str, env: Env, local: bool) -> Value:
        if local and env.kind in ("function", "comprehension"):
            raise self.error(
                "UnboundLocalError",
                f"cannot access local variable '{name}' where it is not associated with a value",
            )
        if self.overridden and "builtins." + name in self.overridden:
            return self.overridden["builtins." + name]
        if name in BUILTINS:
            return BUILTINS[name]
        if name == "__name__" and env.module is not None:
            return env.module.name if not env.module.focal else Unknown("name", kind="str", truth=True)
        if name in ("__file__", "__doc__", "__package__", "__builtins__", "__spec__", "__path__"):
            return Unknown("name:" + name, kind="str" if name == "__file__" else "")
        if env.module is not None and env.module.open:
            self.risky("name-from-star-import")
            return Unknown("name-from-star-import", name)
        if name in _UNMODELLED:
            return Unknown("builtin:" + name, name)
        raise self.error("NameError", f"name '{name}' is not defined")

    def class_builtin(self, klass: ClassValue, name: str) -> Value:
        return find_class_builtin(self, klass, name)

    def super_builtin(self, value: SuperValue, name: str) -> Value:
        return find_super_builtin(self, value, name)

    def construct(self, klass: ClassValue, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        return construct_builtin(self, klass, arguments, keywords)

    def frozen_error(self, message: str) -> Instance:
        value = Instance(EXCEPTIONS["FrozenInstanceError"])
        value.attrs["args"] = (message,)
        return value

    def eval_call(self, node: ir.Call, env: Env) -> Value:
        if isinstance(node.function, ir.Name) and not node.arguments:
            name = node.function.id
            if name == "super" and env.parent is not None:
                return self.zero_super(env)
            if name in ("locals", "globals", "vars"):
                return Unknown("builtin:" + name)
        return super().eval_call(node, env)

    def zero_super(self, env: Env) -> Value:
        """`super()` without arguments."""
        scope: Env | None = env
        while scope is not None and scope.function is None:
            scope = scope.parent
        if scope is None or scope.klass is None or scope.function is None:
            raise Stop("super")
        receiver = scope.vars[scope.function.definition.parameters[0].name]
        klass = receiver if isinstance(receiver, ClassValue) else class_of(receiver)
        if klass is None:
            raise Stop("super")
        return SuperValue(scope.klass, klass, receiver)

    # -- displays -------------------------------------------------------------------------------------------------

    def make_sequence(self, node: ir.Sequence, items: list[Value]) -> Value:
        if node.kind == "list":
            return items
        if node.kind == "tuple":
            return tuple(items)
        return {self.key(i) for i in items}

    def make_mapping(self, node: ir.Mapping, env: Env) -> Value:
        result: dict[Value, Value] = {}
        for key, value in node.items:
            if key is not None:
                name = self.eval(key, env)
                item = self.eval(value, env)
                if isinstance(name, Unknown):
                    self.muddle(result)
                else:
                    result[self.key(name)] = item
                continue
            other = self.as_mapping(self.eval(value, env))
            if type(other) not in MAPPINGS or id(other) in self.murky:
                self.muddle(result)
            else:
                result.update(other)
        return result

    def as_mapping(self, value: Value) -> Value:
        """What `**value` unpacks: a dictionary of an object's keys, the value itself where it has none."""
        raw = self.raw(value)
        if type(raw) is Instance and raw.klass.find("keys") is not MISSING and not raw.klass.opaque:
            names = self.collect(self.call(self.get_attribute(raw, "keys"), [], {}))
            return {self.key(n): self.get_index(raw, n) for n in names}
        return raw

    def eval_comprehension(self, node: ir.Comprehension, env: Env) -> Value:
        inner = Env(env, env.module, "comprehension")
        inner.klass, inner.function = env.klass, None
        first = self.iterate(self.eval(node.clauses[0].iterable, env))
        if node.kind == "generator":
            return IteratorValue((v for _, v in self.clause_values(node, inner, first)), "generator")
        if node.kind == "dict":
            result: dict[Value, Value] = {}
            for key, value in self.clause_values(node, inner, first):
                self.charge(1)
                if isinstance(key, Unknown):
                    self.muddle(result)
                else:
                    result[self.key(key)] = value
            return result
        items: list[Value] = []
        for _, value in self.clause_values(node, inner, first):
            self.charge(1)
            items.append(value)
            if len(items) > self.budget.items:
                raise Stop("budget:items")
        return items if node.kind == "list" else {self.key(i) for i in items}

    def clause_values(
        self, node: ir.Comprehension, env: Env, first: Iterator[Value], position: int = 0
    ) -> Iterator[tuple[Value, Value]]:
        """Key and value of each element of a comprehension."""
        clause = node.clauses[position]
        source = first if position == 0 else self.iterate(self.eval(clause.iterable, env))
        for item in source:
            self.step()
            self.assign(clause.target, item, env)
            if all(self.condition(c, env, default=True) for c in clause.conditions):
                if position + 1 < len(node.clauses):
                    yield from self.clause_values(node, env, first, position + 1)
                else:
                    key = self.eval(node.key, env) if node.key is not None else None
                    yield key, self.eval(node.value, env)

    def eval_await(self, node: ir.Await, env: Env) -> Value:
        return self.await_value(self.eval(node.value, env))

    def await_value(self, value: Value) -> Value:
        """Runs a coroutine to its end."""
        if type(value) is Coroutine:
            return value.run()
        if isinstance(value, Unknown):
            self.risky(value.why)
            return Unknown(value.why, value.label)
        raise Stop("await")

    # -- definitions ----------------------------------------------------------------------------------------------

    def run_function(self, node: ir.FunctionDef, env: Env) -> Signal | None:
        decorators = []
        for decorator in node.decorators:
            if self.tracing:
                self.hit(decorator.line)
            decorators.append(self.eval(decorator, env))
        function: Value = self.make_function(node, env)
        for name in node.annotations:
            self.lookup(name, env)
        if env.kind == "class" and env.klass is not None:
            function.owner = env.klass
        if node.name in ("__new__", "__init_subclass__", "__class_getitem__") and env.kind == "class":
            function = StaticMethod(function) if node.name == "__new__" else ClassMethod(function)
        for decorator in reversed(decorators):
            function = self.decorate(decorator, function)
        self.assign_name(node.name, function, env)
        return None

    def decorate(self, decorator: Value, function: Value) -> Value:
        """Applies a decorator; an unknown one makes the function unknown."""
        if isinstance(decorator, Unknown) and decorator.label.startswith(
            ("pytest.", "typing.", "mock.", "unittest.")
        ):
            return function
        if type(decorator) is Manager:
            return decorate_with(self, decorator, function)
        return self.call(decorator, [function], {})

    def run_class(self, node: ir.ClassDef, env: Env) -> Signal | None:
        decorators = []
        for decorator in node.decorators:
            if self.tracing:
                self.hit(decorator.line)
            decorators.append(self.eval(decorator, env))
        bases: list[ClassValue] = []
        opaque = ""
        for base in node.bases:
            value = self.eval(base, env)
            if isinstance(value, ClassValue):
                bases.append(value)
            elif isinstance(value, Unknown):
                if value.label.startswith(("typing.Generic", "typing.Protocol", "typing_extensions.")):
                    continue
                generic = LIBRARY["collections.abc"].get(
                    value.label.removeprefix("typing.").removesuffix("[...]")
                )
                if generic is not None and value.label.startswith("typing."):
                    bases.append(generic)
                    continue
                opaque = value.why if "home:" in value.why else "base:" + (value.label or value.why)
            elif type(value) is Builtin:
                # A class that is modelled as a function: what it hands down is not known.
                opaque = "base:" + value.name
            else:
                raise Stop("class-base")
        klass = ClassValue(node.name, bases or [OBJECT])
        klass.opaque = klass.opaque or opaque
        klass.definition = node
        klass.module = env.module
        klass.frozen = any(b.frozen for b in bases)
        for keyword in node.keywords:
            value = self.eval(keyword.value, env)
            if keyword.name == "metaclass":
                if not (isinstance(value, ClassValue) and value.name in ("ABCMeta", "EnumMeta", "type")):
                    klass.opaque = "metaclass"
            else:
                klass.options[keyword.name or "**"] = value
        scope = Env(env, env.module, "class")
        scope.klass = klass
        klass.namespace = scope.vars
        self.run(node.body, scope)
        scope.vars.pop("", None)
        self.own_lookup = self.own_lookup or "__getattribute__" in scope.vars
        finish_class(self, klass)
        made: Value = klass
        for decorator in reversed(decorators):
            made = self.decorate_class(decorator, made)
        self.assign_name(node.name, made, env)
        return None

    def decorate_class(self, decorator: Value, klass: Value) -> Value:
        """Applies a class decorator; an unknown one may add members but is taken to keep the class."""
        if isinstance(decorator, Unknown):
            if not decorator.label.startswith(("pytest.", "typing.", "unittest.")):
                self.risky(decorator.why)
                if isinstance(klass, ClassValue):
                    klass.opaque = "decorator:" + (decorator.label or decorator.why)
            return klass
        if type(decorator) is Manager:
            return decorate_with(self, decorator, klass)
        return self.call(decorator, [klass], {})

    def run_annotate(self, node: ir.Annotate, env: Env) -> Signal | None:
        if env.kind == "class" and env.klass is not None and isinstance(node.target, ir.Name):
            env.klass.annotations[node.target.id] = node.annotation
        if env.kind in ("class", "module"):
            for name in node.names:
                self.lookup(name, env)
        if node.value is not None:
            self.assign(node.target, self.eval(node.value, env), env)
        return None

    # -- exceptions -----------------------------------------------------------------------------------------------

    def make_exception(self, value: Value) -> Value:
        if isinstance(value, ClassValue):
            if value.kind != "exception" and not value.opaque:
                raise self.error("TypeError", "exceptions must derive from BaseException")
            return self.call(value, [], {})
        if isinstance(value, Unknown):
            self.reason(value.why)
            return Unknown(value.why, value.label, kind="exception", truth=True)
        if type(value) is Instance and (value.klass.kind == "exception" or value.klass.opaque):
            return value
        raise self.error("TypeError", "exceptions must derive from BaseException")

    def matches(self, value: Value, types: Value) -> bool:
        if isinstance(types, tuple):
            return any(self.matches(value, t) for t in types)
        if isinstance(value, Unknown):
            if value.why.startswith("raised:") and isinstance(types, ClassValue) and types.name in (
                "Exception", "BaseException",
            ):  # fmt: skip
                return True
            return self.decide(True)
        known = self.is_instance(value, types)
        if known is None:
            if isinstance(types, Unknown) and type(value) is Instance and value.klass.module is None:
                # A library's own exception class does not catch a builtin one in all but odd cases.
                return self.decide(False)
            return self.decide(True)
        return known

    def chain(self, later: Thrown, earlier: Thrown) -> None:
        if type(later.value) is Instance and "__context__" not in later.value.attrs:
            later.value.attrs["__context__"] = earlier.value

    def run_assert(self, node: ir.Assert, env: Env) -> Signal | None:
        value = self.eval(node.test, env)
        if not self.truth(value):
            message = self.eval(node.message, env) if node.message is not None else MISSING
            raise self.error("AssertionError", *(() if message is MISSING else (message,)))
        return None

    # -- context managers -----------------------------------------------------------------------------------------

    def enter_context(self, manager: Value) -> tuple[Value, Callable[[Thrown | None], bool]]:
        if type(manager) is Manager:
            return manager.enter(), manager.leave
        if isinstance(manager, Unknown):
            self.risky(manager.why)
            self.guards.append([True])
            return Unknown(manager.why, manager.label), self.leave_unknown
        if type(manager) is Instance:
            enter, leave = manager.klass.find("__enter__"), manager.klass.find("__exit__")
            if enter is MISSING or leave is MISSING:
                if manager.klass.opaque:
                    self.risky("class:" + manager.klass.opaque)
                    return Unknown("class:" + manager.klass.opaque), self.leave_unknown
                raise self.error(
                    "TypeError",
                    f"'{manager.klass.name}' object does not support the context manager protocol",
                )
            value = self.call(enter, [manager], {})
            self.guards.append([False])
            return value, partial(self.leave_instance, manager, leave, len(self.guards) - 1)
        raise self.error(
            "TypeError", f"'{type_name(manager)}' object does not support the context manager protocol"
        )

    def leave_unknown(self, thrown: Thrown | None) -> bool:
        """Leaves an unknown context manager; it may swallow the exception, but is not expected to."""
        if self.guards:
            self.guards.pop()
        if thrown is None:
            return False
        self.trace.caught = True
        return self.decide(False, unlikely=True)

    def leave_instance(self, manager: Instance, leave: Value, height: int, thrown: Thrown | None) -> bool:
        """Calls a user's `__exit__`."""
        del self.guards[height:]
        if thrown is None:
            self.call(leave, [manager, None, None, None], {})
            return False
        kind = class_of(thrown.value) or Unknown("exception", truth=True)
        return self.truth(
            self.call(leave, [manager, kind, thrown.value, Unknown("traceback", truth=True)], {})
        )

    # -- matching, imports ----------------------------------------------------------------------------------------

    def run_match(self, node: ir.Match, env: Env) -> Signal | None:
        subject = self.eval(node.subject, env)
        for case in node.cases:
            if self.tracing:
                self.hit(case.line)
            if case.pattern is not None and not match_pattern(self, case.pattern, subject, env):
                continue
            if case.guard is not None and not self.condition(case.guard, env):
                continue
            return self.run(case.body, env)
        return None

    def run_import(self, node: ir.Import, env: Env) -> Signal | None:
        self.modules.run_import(self, node, env)
        return None

    def load_body(self, module: Value) -> None:
        """Executes a module's top-level statements."""
        saved = self.module, self.tracing, self.line, self.guards
        self.module, self.tracing, self.guards = module, module.focal, []
        self.importing += 1
        try:
            if self.importing == 1 and module.program.path == self.modules.test_path:
                self.pristine = True
                for node in module.program.body:
                    self.pristine = self.pristine and _only_imports(node)
                    self.run_one(node, module.env)
                self.pristine = False
            else:
                self.run(module.program.body, module.env)
            if module.focal:
                self.focal_loaded = True
        except Thrown:
            self.loaded = False
            raise
        finally:
            self.importing -= 1
            self.module, self.tracing, self.line, self.guards = saved

    def function_of(self, value: Value) -> FunctionValue | None:
        """The user function inside a value, if there is one."""
        while type(value) in (StaticMethod, ClassMethod):
            value = value.function
        return value if type(value) is FunctionValue else None

    def is_container(self, value: Value) -> bool:
        """Whether a value is a builtin container."""
        return type(value) in CONTAINERS


def _only_imports(node: ir.Statement) -> bool:
    return isinstance(node, (ir.Import, ir.Pass)) or (
        isinstance(node, ir.Evaluate) and isinstance(node.value, ir.Const)
    )


_UNMODELLED = frozenset(
    [
        "open",
        "input",
        "exec",
        "eval",
        "compile",
        "__import__",
        "breakpoint",
        "aiter",
        "anext",
        "help",
        "exit",
        "quit",
        "copyright",
        "license",
    ]
)
